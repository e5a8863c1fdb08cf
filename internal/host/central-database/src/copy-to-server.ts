import { Buffer } from "node:buffer";
import { existsSync } from "node:fs";
import { rm } from "node:fs/promises";
import type { Failure } from "@gatehouse/cli-kit";
import { openPostgres, type PostgresAddress } from "@gatehouse/postgres";
import { attempt } from "@gatehouse/sqlite";
import { fail, ok, visible, type Result } from "@gatehouse/std";
import { sql, type Kysely } from "kysely";
import { migrate, migrationTables, readSchema } from "./migrate.ts";
import { centralFile, isThere, openFile } from "./open-central.ts";
import { explainOpen } from "./open-messages.ts";
import { serverTrouble } from "./open-server.ts";
import { inOrderOfReferences } from "./order-of-references.ts";
import type { CentralTables } from "./tables.ts";

/** A table that was copied; its number of rows is the same in both databases. */
export type CopiedTable = { readonly table: string; readonly rows: number };

/** Rows of any table. */
type AnyTables = Readonly<Record<string, Record<string, unknown>>>;

/**
 * Copies `gatehouse.db` of a data folder to an empty database on a server: the schema and all rows in one transaction, so that
 * a failure or a kill leaves nothing there. The file is only read. The caller holds the data folder, so that no host writes.
 */
export const copyToServer = async (
  dataDir: string,
  address: PostgresAddress,
  signal: AbortSignal,
): Promise<Result<readonly CopiedTable[], Failure>> => {
  const file = centralFile(dataDir);
  if (!isThere(file)) return fail(noFile(file));
  const logs = [`${file}-wal`, `${file}-shm`].filter((log) => !existsSync(log));
  const opened = await openFile(file, { readOnly: true });
  if (!opened.ok) return fail(explainOpen(opened.error));
  const { db: source, close } = opened.value;
  try {
    const schema = await attempt(() => readSchema(source));
    if (!schema.ok) return fail(explainOpen({ code: "database-unusable", file, detail: schema.error }));
    if (!schema.value.ok) return fail(explainOpen({ ...schema.value.error, file }));
    if (schema.value.value.version === 0) return fail(noFile(file));
    if (!schema.value.value.isCurrent) return fail(outdated(file));
    return await copyInto(address, source as unknown as Kysely<AnyTables>, signal);
  } finally {
    await attempt(close);
    // A connection that only reads makes these files, and cannot remove them (SQLite 3.45).
    for (const log of logs) await attempt(() => rm(log, { force: true }));
  }
};

const noFile = (file: string): Failure => ({
  code: "no-database",
  message: `There is no database ${file} to copy.`,
  fix: "name its data folder with --data; a new host begins on PostgreSQL at once: gatehouse init --database ADDRESS",
});

const outdated = (file: string): Failure => ({
  code: "schema-outdated",
  message: `The schema of ${file} is older than this Gatehouse.`,
  fix: "gatehouse up brings it up to date; then gatehouse down, and copy it",
});

const copyInto = async (
  address: PostgresAddress,
  source: Kysely<AnyTables>,
  signal: AbortSignal,
): Promise<Result<readonly CopiedTable[], Failure>> => {
  const database = address.shown;
  try {
    const { db, unhurried, close } = await openPostgres<CentralTables>(address);
    try {
      return await unhurried(() =>
        // Kysely's Migrator refuses a `Transaction`, so the transaction is that of a connection.
        db
          .connection()
          .execute((one) => inTransaction(one, database, () => copyAll(one, source, database, signal))),
      );
    } finally {
      await close();
    }
  } catch (error) {
    return fail(explainOpen({ database, ...serverTrouble(error) }));
  }
};

/** Commits if `work` succeeds, and else rolls back. */
const inTransaction = async <T>(
  db: Kysely<CentralTables>,
  database: string,
  work: () => Promise<Result<T, Failure>>,
): Promise<Result<T, Failure>> => {
  await sql`begin`.execute(db);
  let worked: Result<T, Failure> | null = null;
  try {
    worked = await work();
  } finally {
    // A session that was cut off has rolled back already.
    if (worked?.ok !== true) await attempt(() => sql`rollback`.execute(db));
  }
  if (!worked.ok) return worked;
  const committed = await attempt(() => sql`commit`.execute(db));
  return committed.ok ? worked : fail(unsure(database, committed.error));
};

const unsure = (database: string, detail: string): Failure => ({
  code: "copy-unsure",
  message: `The connection to ${database} was cut while the copy was saved (${visible(detail)}). The copy is there as a whole, or nothing is.`,
  fix: "run this again: if the copy is there, the database is not empty",
});

const copyAll = async (
  db: Kysely<CentralTables>,
  source: Kysely<AnyTables>,
  database: string,
  signal: AbortSignal,
): Promise<Result<readonly CopiedTable[], Failure>> => {
  const there = await db.introspection.getTables();
  if (there.length > 0)
    return fail(
      notEmpty(
        database,
        there.map(({ name }) => name),
      ),
    );
  await migrate(db, undefined, { isInTransaction: true });
  const target = db as unknown as Kysely<AnyTables>;
  const made = (await db.introspection.getTables()).map(({ name }) => name);
  const copied: CopiedTable[] = [];
  const names = made.filter((name) => !migrationTables.includes(name));
  for (const table of await inOrderOfReferences(db, names)) {
    const refused = await copyTable(source, target, table, signal);
    if (signal.aborted) return fail(interrupted);
    if (refused !== null) return fail(rowRefused(database, table, refused));
    const [rows, arrived] = [await countOf(source, table), await countOf(target, table)];
    if (rows !== arrived) return fail(countsDiffer(table, rows, arrived));
    copied.push({ table, rows });
  }
  return ok(copied);
};

const nothingLeft = "Nothing was left in it, and the file is unchanged.";

const interrupted: Failure = { code: "cancelled", message: `Interrupted. ${nothingLeft}` };

const notEmpty = (database: string, tables: readonly string[]): Failure => ({
  code: "database-not-empty",
  message: `The database ${database} is not empty: it has the tables ${tables.slice(0, 3).map(visible).join(", ")}${tables.length > 3 ? ", ..." : ""}. Nothing was changed.`,
  fix: "name an empty database: createdb NAME",
});

const rowRefused = (database: string, table: string, detail: string): Failure => ({
  code: "row-refused",
  message: `${database} refuses a row of ${table}: ${visible(detail)}. ${nothingLeft}`,
  fix: "report this with the message; the host goes on with the file meanwhile",
});

const countsDiffer = (table: string, rows: number, arrived: number): Failure => ({
  code: "counts-differ",
  message: `The table ${table} has ${rows} rows, and ${arrived} arrived. ${nothingLeft}`,
  fix: "end the programs that write to the file, and run this again",
});

/** Rows and bytes of one statement. PostgreSQL takes 65,535 values in one, and the widest table has 30 columns. */
const batch = { rows: 500, bytes: 1_000_000 };

/** Copies the rows in batches. Returns the server's message if it refuses a row, else null. */
const copyTable = async (
  source: Kysely<AnyTables>,
  target: Kysely<AnyTables>,
  table: string,
  signal: AbortSignal,
): Promise<string | null> => {
  let rows: Record<string, unknown>[] = [];
  let bytes = 0;
  const flush = async (): Promise<string | null> => {
    const refused = rows.length === 0 ? null : await insert(target, table, rows);
    [rows, bytes] = [[], 0];
    return refused;
  };
  for await (const row of source.selectFrom(table).selectAll().stream()) {
    if (signal.aborted) return null;
    rows.push(withBuffers(row));
    bytes += sizeOf(row);
    const refused = rows.length === batch.rows || bytes >= batch.bytes ? await flush() : null;
    if (refused !== null) return refused;
  }
  return flush();
};

/** libsql 0.5 gives an ArrayBuffer for a blob, of which pg would write the text `{}`. */
const withBuffers = (row: Record<string, unknown>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(row).map(([name, value]) => [
      name,
      value instanceof ArrayBuffer ? Buffer.from(value) : value,
    ]),
  );

const sizeOf = (row: Record<string, unknown>): number =>
  Object.values(row).reduce<number>((sum, value) => {
    if (value instanceof ArrayBuffer) return sum + value.byteLength;
    return sum + (typeof value === "string" ? value.length : 8);
  }, 0);

/** The message for a value that PostgreSQL does not take (classes 22 and 23), null if it takes the rows. */
const insert = async (
  target: Kysely<AnyTables>,
  table: string,
  rows: readonly Record<string, unknown>[],
): Promise<string | null> => {
  try {
    await target.insertInto(table).values(rows).execute();
    return null;
  } catch (error) {
    if (error instanceof Error && "code" in error && /^2[23]/.test(String(error.code))) return error.message;
    throw error;
  }
};

const countOf = async (db: Kysely<AnyTables>, table: string): Promise<number> => {
  const { rows } = await sql<{ rows: number | string }>`
    select count(*) as rows from ${sql.table(table)}`.execute(db);
  return Number(rows[0]?.rows);
};
