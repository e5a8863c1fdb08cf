import { Buffer, isUtf8 } from "node:buffer";
import { constants } from "node:fs";
import { copyFile, mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { sql, type Kysely, type RawBuilder } from "kysely";
import { openSqlite } from "@nc/container-config/node";
import { systemCode, type Result } from "@gatehouse/std";
import { attempt } from "@gatehouse/control-plane";
import type { LegacyRow } from "./field-reader.ts";
import type { LegacyRows } from "./convert-rows.ts";

/** Why nothing can be read from a folder. */
export type SourceError =
  | { readonly code: "not-a-nanoclaw-folder"; readonly folder: string; readonly detail: string }
  | { readonly code: "source-in-use"; readonly file: string }
  | { readonly code: "source-unreadable"; readonly file: string; readonly detail: string };

/** Times that a database is copied which is written to meanwhile. */
const tries = 3;

/**
 * All rows of a nanoclaw folder's database. SQLite would write beside a database that it opens, even to read: so its file, and
 * the logs of what is not in it yet or has to be undone, are copied first, and the copy is what is opened.
 */
export const readSource = async (folder: string): Promise<Result<LegacyRows, SourceError>> => {
  const file = join(folder, "data", "v2.db");
  const scratch = await mkdtemp(join(tmpdir(), "gatehouse-import-"));
  try {
    const copied = await copyDatabase(folder, file, join(scratch, "v2.db"));
    return copied.ok ? await readCopy(folder, file, join(scratch, "v2.db")) : copied;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
};

/** What SQLite keeps beside a database, of which it makes it whole again after a crash. */
const logsOf = (file: string): readonly string[] => [`${file}-wal`, `${file}-journal`];

const copyDatabase = async (
  folder: string,
  file: string,
  copy: string,
): Promise<Result<null, SourceError>> => {
  for (let tried = 0; tried < tries; tried++) {
    const before = await stampOf(file);
    if (before === null)
      return { ok: false, error: { code: "not-a-nanoclaw-folder", folder, detail: `there is no ${file}` } };
    const done = await attempt(async () => {
      await copyFile(file, copy, constants.COPYFILE_FICLONE);
      for (const [number, log] of logsOf(file).entries()) {
        const copyOfLog = logsOf(copy)[number] ?? "";
        await rm(copyOfLog, { force: true });
        if ((await modified(log)) !== null) await copyFile(log, copyOfLog);
      }
    });
    if (!done.ok) return { ok: false, error: { code: "source-unreadable", file, detail: done.error } };
    if (before === (await stampOf(file))) return { ok: true, value: null };
  }
  return { ok: false, error: { code: "source-in-use", file } };
};

/** Changes with every write to the database or its logs; null where there is no such file: a pipe would never end. */
const stampOf = async (file: string): Promise<string | null> => {
  const own = await modified(file);
  if (own === null) return null;
  return [own, ...(await Promise.all(logsOf(file).map(modified)))].join(", ");
};

const modified = async (file: string): Promise<string | null> => {
  try {
    const stats = await stat(file, { bigint: true });
    const { mtimeNs, size, ino } = stats;
    if (!stats.isFile()) return null;
    return `${ino} ${size} ${mtimeNs}`;
  } catch (error) {
    if (systemCode(error) === "ENOENT" || systemCode(error) === "ENOTDIR") return null;
    throw error;
  }
};

const readCopy = async (
  folder: string,
  file: string,
  copy: string,
): Promise<Result<LegacyRows, SourceError>> => {
  const opened = await openSqlite<Record<string, LegacyRow>>(copy);
  if (!opened.ok) {
    const detail = opened.error.code === "not-a-database" ? "it is no SQLite database" : opened.error.detail;
    return { ok: false, error: { code: "source-unreadable", file, detail } };
  }
  const { db, close } = opened.value;
  const read = await attempt(() => readTables(db));
  await close();
  if (!read.ok) return { ok: false, error: { code: "source-unreadable", file, detail: read.error } };
  if (typeof read.value === "string")
    return { ok: false, error: { code: "source-unreadable", file, detail: read.value } };
  if ("agent_groups" in read.value && "messaging_groups" in read.value)
    return { ok: true, value: read.value };
  const detail = `${file} has no tables agent_groups and messaging_groups`;
  return { ok: false, error: { code: "not-a-nanoclaw-folder", folder, detail } };
};

/** A text says what is damaged. */
const readTables = async (db: Kysely<Record<string, LegacyRow>>): Promise<LegacyRows | string> => {
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
  const read: Record<string, readonly LegacyRow[]> = {};
  for (const table of tables) {
    const rows = table === null ? null : await readTable(db, table);
    if (table === null || rows === null) return "a name of a table or column in it is not UTF-8";
    read[table] = rows;
  }
  return read;
};

type Database = Kysely<Record<string, LegacyRow>>;

/** Null for a name that is not UTF-8. */
const namesFrom = async (db: Database, query: RawBuilder<unknown>): Promise<readonly (string | null)[]> => {
  const { rows } = await (query as RawBuilder<{ name: ArrayBuffer }>).execute(db);
  return rows.map(({ name }) => textOf(name));
};

/** libsql gives a blob as an ArrayBuffer. */
const textOf = (bytes: ArrayBuffer): string | null => {
  const buffer = Buffer.from(bytes);
  return isUtf8(buffer) ? buffer.toString("utf8") : null;
};

/**
 * Every text is read as the bytes that it is: libsql 0.5.29 ends the whole process on one that is not UTF-8, and reads one only
 * up to its first NUL. Such a text stays bytes. Null where a column's name is none.
 */
const readTable = async (db: Database, table: string): Promise<readonly LegacyRow[] | null> => {
  const names = await namesFrom(db, sql`select cast(name as blob) as name from pragma_table_info(${table})`);
  const columns = names.filter((name) => name !== null);
  if (columns.length < names.length) return null;
  const values = columns.flatMap((column, index) => [
    sql`typeof(${sql.ref(column)}) = 'text'`.as(`is_text_${index}`),
    sql`iif(typeof(${sql.ref(column)}) = 'text', cast(${sql.ref(column)} as blob), ${sql.ref(column)})`.as(
      `value_${index}`,
    ),
  ]);
  const { rows } = await sql<LegacyRow>`select ${sql.join(values)} from ${sql.table(table)}`.execute(db);
  return rows.map((row) => Object.fromEntries(columns.map((column, index) => [column, valueOf(row, index)])));
};

const valueOf = (row: LegacyRow, index: number): unknown => {
  const value = row[`value_${index}`];
  if (row[`is_text_${index}`] !== 1 || !(value instanceof ArrayBuffer)) return value;
  const text = textOf(value);
  return text === null || text.includes("\0") ? Buffer.from(value) : text;
};
