import { existsSync } from "node:fs";
import { attempt, openSqlite } from "@gatehouse/sqlite";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { Result } from "@gatehouse/std";
import { sql, type Kysely } from "kysely";
import { comparedFileChunks, copyFileChunks } from "./copy-file-chunks.ts";
import { hasRows } from "../emptied.ts";
import { ownTables, pendingAfter, schemaOf } from "../migrate.ts";
import { migrations } from "../migrations/index.ts";
import { markFile, writeMark } from "./moved-mark.ts";
import { centralFile, movedAway, type OpenError } from "../open-central.ts";
import { openServer, type ServerError } from "../open-server.ts";
import type { CentralTables } from "../tables.ts";

/** The result of a move: the number of copied rows by table. */
export type Moved = { readonly rows: Readonly<Record<string, number>> };

/** Why a move failed. With `mark-failed` the rows were copied; otherwise nothing was. */
export type MoveError =
  | OpenError
  | ServerError
  | { readonly code: "nothing-to-move"; readonly file: string }
  | { readonly code: "older-schema"; readonly file: string }
  | { readonly code: "target-not-empty"; readonly database: string }
  | {
      readonly code: "mark-failed";
      readonly database: string;
      readonly mark: string;
      readonly detail: string;
    }
  | { readonly code: "row-differs"; readonly database: string; readonly table: string; readonly row: number };

/** Rows in one insert statement. PostgreSQL takes at most 65,535 values in one statement. */
const chunk = 200;

/** Maximum time for the server to return a whole table, ms. */
const wholeTableMs = 600_000;

/**
 * Copies the central database of a data folder to an empty one on a server, in one transaction, and compares
 * each row before the commit. The file is only read. Then a mark beside it keeps hosts from working on it. If
 * the program is killed between commit and mark, the next move finds an equal copy and only writes the mark.
 * The caller must ensure that no host runs.
 */
export const moveCentral = async (
  dataDir: string,
  to: PostgresAddress,
  now: () => string,
): Promise<Result<Moved, MoveError>> => {
  const moved = await movedAway(dataDir);
  if (moved !== null) return failed(moved);
  const copied = await copyCentral(dataDir, to, now);
  if (!copied.ok) return copied;
  const marked = await writeMark(dataDir, { to: to.shown, at: now() });
  if (marked.ok) return copied;
  return failed({
    code: "mark-failed",
    database: to.shown,
    mark: markFile(dataDir),
    detail: marked.error,
  });
};

const copyCentral = async (
  dataDir: string,
  to: PostgresAddress,
  now: () => string,
): Promise<Result<Moved, MoveError>> => {
  const file = centralFile(dataDir);
  const source = await openSource(file);
  if (!source.ok) return source;
  try {
    const target = await openServer(to, { dataDir: null, now, answerMs: wholeTableMs });
    if (!target.ok) return target;
    try {
      const copied = await attempt(() => copyAll(source.value.db, target.value.db, to.shown));
      if (copied.ok) return copied.value;
      return copied.error.startsWith("POSTGRES_")
        ? failed({ code: "database-unavailable", database: to.shown, detail: copied.error })
        : unusable(file, copied.error);
    } finally {
      await target.value.close();
    }
  } finally {
    await source.value.close();
  }
};

const failed = (error: MoveError): Result<never, MoveError> => ({ ok: false, error });

const unusable = (file: string, detail: string): { readonly ok: false; readonly error: MoveError } => ({
  ok: false,
  error: { code: "database-unusable", file, detail },
});

type Source = { readonly db: Kysely<CentralTables>; readonly close: () => Promise<void> };

/**
 * Opens the file to read. Refuses an older schema: starting a host on the file once migrates it, after a
 * copy.
 */
const openSource = async (file: string): Promise<Result<Source, MoveError>> => {
  if (!existsSync(file)) return failed({ code: "nothing-to-move", file });
  const opened = await openSqlite<CentralTables>(file, { readOnly: true });
  if (!opened.ok) {
    const { error } = opened;
    return unusable(file, error.code === "not-a-database" ? "it is not a SQLite database" : error.detail);
  }
  const { db, close } = opened.value;
  const schema = await attempt(() => schemaOf(db));
  const problem = schema.ok ? problemOf(schema.value, file) : unusable(file, schema.error).error;
  if (problem === null) return { ok: true, value: { db, close } };
  await close();
  return failed(problem);
};

const problemOf = (schema: Awaited<ReturnType<typeof schemaOf>>, file: string): MoveError | null => {
  if (schema.kind === "empty") return { code: "nothing-to-move", file };
  if (schema.kind === "foreign") return { code: "not-a-central-database", file, tables: schema.tables };
  const pending = pendingAfter(schema.version, migrations);
  if (!pending.ok) return { ...pending.error, file };
  return pending.value.length === 0 ? null : { code: "older-schema", file };
};

type AnyRow = Readonly<Record<string, unknown>>;
type AnyTables = Record<string, AnyRow>;

const copyAll = async (
  source: Kysely<CentralTables>,
  target: Kysely<CentralTables>,
  database: string,
): Promise<Result<Moved, MoveError>> => {
  const order = await parentsFirst(source);
  if (await hasRows(target)) {
    const rows = await equalRows(anyOf(source), anyOf(target), order);
    return rows === null ? failed({ code: "target-not-empty", database }) : { ok: true, value: { rows } };
  }
  const transaction = await target.startTransaction().execute();
  try {
    const rows: Record<string, number> = {};
    for (const table of order) {
      const copied = await copyTable(anyOf(source), anyOf(transaction), table);
      if (typeof copied === "number") rows[table] = copied;
      else {
        await transaction.rollback().execute();
        return failed({ code: "row-differs", database, table, row: copied.row });
      }
    }
    await transaction.commit().execute();
    return { ok: true, value: { rows } };
  } catch (error) {
    if (!transaction.isCommitted) await transaction.rollback().execute();
    throw error;
  }
};

/** The number of rows by table; null if a row differs. */
const equalRows = async (
  source: Kysely<AnyTables>,
  target: Kysely<AnyTables>,
  order: readonly string[],
): Promise<Moved["rows"] | null> => {
  const rows: Record<string, number> = {};
  for (const table of order) {
    const count = await compared(source, target, table);
    if (typeof count !== "number") return null;
    rows[table] = count;
  }
  return rows;
};

const anyOf = (db: Kysely<CentralTables>): Kysely<AnyTables> => db as unknown as Kysely<AnyTables>;
const centralOf = (db: Kysely<AnyTables>): Kysely<CentralTables> => db as unknown as Kysely<CentralTables>;

/** The only table with a column of bytes. */
const fileChunks: keyof CentralTables = "session_file_chunks";

/**
 * The tables in an order that keeps the target's foreign keys: each table after the tables that it refers to.
 */
const parentsFirst = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const names = (await ownTables(db)).map(({ name }) => name).filter((name) => name !== "schema_version");
  const order: string[] = [];
  const add = async (table: string): Promise<void> => {
    if (order.includes(table)) return;
    const { rows } = await sql<{ parent: string }>`
      select "table" as parent from pragma_foreign_key_list(${table})`.execute(db);
    for (const { parent } of rows) if (parent !== table) await add(parent);
    order.push(table);
  };
  for (const name of names.toSorted()) await add(name);
  return order;
};

/** Copies a table. Returns the number of rows, or the number of the first row that differs in the copy. */
const copyTable = async (
  source: Kysely<AnyTables>,
  target: Kysely<AnyTables>,
  table: string,
): Promise<number | { readonly row: number }> => {
  if (table === fileChunks) {
    await copyFileChunks(centralOf(source), centralOf(target));
    return compared(source, target, table);
  }
  const rows = await source.selectFrom(table).selectAll().execute();
  for (let from = 0; from < rows.length; from += chunk)
    await target
      .insertInto(table)
      .values(rows.slice(from, from + chunk))
      .execute();
  return compared(source, target, table);
};

const compared = async (
  source: Kysely<AnyTables>,
  target: Kysely<AnyTables>,
  table: string,
): Promise<number | { readonly row: number }> => {
  if (table === fileChunks) return comparedFileChunks(centralOf(source), centralOf(target));
  const rows = await source.selectFrom(table).selectAll().execute();
  const arrived = (await target.selectFrom(table).selectAll().execute()).map(textOf).toSorted();
  const sent = rows.map(textOf).toSorted();
  const differs = sent.findIndex((text, index) => text !== arrived[index]);
  if (differs >= 0) return { row: differs + 1 };
  return arrived.length === sent.length ? sent.length : { row: sent.length + 1 };
};

/** A row as text for comparison, with its columns sorted by name. */
const textOf = (row: AnyRow): string =>
  JSON.stringify(Object.entries(row).toSorted(([one], [other]) => (one < other ? -1 : 1)));
