import { Buffer, isUtf8 } from "node:buffer";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql, type Kysely, type RawBuilder } from "kysely";
import type { Result } from "@gatehouse/std";
import { attempt } from "./attempt.ts";
import { copyDatabase, type CopyError } from "./copy-database.ts";
import { openSqlite } from "./open-sqlite.ts";

/** A row by its columns. A text that is not UTF-8, or contains a NUL, is a Buffer. */
export type ForeignRow = Readonly<Record<string, unknown>>;

/** All rows of a database, by table. */
export type ForeignTables = Readonly<Record<string, readonly ForeignRow[]>>;

/** The error of a file whose tables cannot be read. */
export type ForeignTablesError = CopyError;

/**
 * Reads all rows of a database that another program owns. Reads a copy, because SQLite writes files next to a database
 * that it opens, even for reading.
 */
export const readForeignTables = async (file: string): Promise<Result<ForeignTables, ForeignTablesError>> => {
  const scratch = await mkdtemp(join(tmpdir(), "gatehouse-copy-"));
  try {
    const copy = join(scratch, "copy.db");
    const copied = await copyDatabase(file, copy);
    return copied.ok ? await readCopy(file, copy) : copied;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

const unreadable = (file: string, detail: string): Result<never, ForeignTablesError> => ({
  ok: false,
  error: { code: "file-unreadable", file, detail },
});

const readCopy = async (file: string, copy: string): Promise<Result<ForeignTables, ForeignTablesError>> => {
  const opened = await openSqlite<Record<string, ForeignRow>>(copy);
  if (!opened.ok) {
    const { error } = opened;
    return unreadable(file, error.code === "not-a-database" ? "it is not a SQLite database" : error.detail);
  }
  const { db, close } = opened.value;
  const read = await attempt(() => readTables(db));
  await close();
  if (!read.ok) return unreadable(file, read.error);
  return typeof read.value === "string" ? unreadable(file, read.value) : { ok: true, value: read.value };
};

type Database = Kysely<Record<string, ForeignRow>>;

/** The tables, or a text with the problem of the database. */
const readTables = async (db: Database): Promise<ForeignTables | string> => {
  const [encoding] = (await sql<{ encoding: string }>`pragma encoding`.execute(db)).rows;
  if (encoding?.encoding !== "UTF-8") return `its texts are ${encoding?.encoding ?? "unknown"}`;
  const [check] = await namesFrom(
    db,
    sql`select cast(quick_check as blob) as name from pragma_quick_check(1)`,
  );
  if (check !== "ok") return `it is damaged: ${check ?? ""}`;
  const tables = await namesFrom(
    db,
    sql`select cast(name as blob) as name from sqlite_schema where type = 'table' and name not like 'sqlite_%'`,
  );
  const read: Record<string, readonly ForeignRow[]> = {};
  for (const table of tables) {
    const rows = table === null ? null : await readTable(db, table);
    if (table === null || rows === null) return "a name of a table or column in it is not UTF-8";
    read[table] = rows;
  }
  return read;
};

/** Null for a name that is not UTF-8. */
const namesFrom = async (db: Database, query: RawBuilder<unknown>): Promise<readonly (string | null)[]> => {
  const { rows } = await (query as RawBuilder<{ name: ArrayBuffer }>).execute(db);
  return rows.map(({ name }) => textOf(name));
};

/** libsql returns a blob as an ArrayBuffer. */
const textOf = (bytes: ArrayBuffer): string | null => {
  const buffer = Buffer.from(bytes);
  return isUtf8(buffer) ? buffer.toString("utf8") : null;
};

/**
 * Reads every text as bytes: libsql 0.5.29 ends the whole process on a text that is not UTF-8, and truncates
 * a text at its first NUL. Such a text stays a Buffer. Null if a column's name is not UTF-8.
 */
const readTable = async (db: Database, table: string): Promise<readonly ForeignRow[] | null> => {
  const names = await namesFrom(db, sql`select cast(name as blob) as name from pragma_table_info(${table})`);
  const columns = names.filter((name) => name !== null);
  if (columns.length < names.length) return null;
  const values = columns.flatMap((column, index) => [
    sql`typeof(${sql.ref(column)}) = 'text'`.as(`is_text_${index}`),
    sql`iif(typeof(${sql.ref(column)}) = 'text', cast(${sql.ref(column)} as blob), ${sql.ref(column)})`.as(
      `value_${index}`,
    ),
  ]);
  const { rows } = await sql<ForeignRow>`select ${sql.join(values)} from ${sql.table(table)}`.execute(db);
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, valueOf(row, index)])));
};

const valueOf = (row: ForeignRow, index: number): unknown => {
  const value = row[`value_${index}`];
  if (row[`is_text_${index}`] !== 1 || !(value instanceof ArrayBuffer)) return value;
  const text = textOf(value);
  return text === null || text.includes("\0") ? Buffer.from(value) : text;
};
