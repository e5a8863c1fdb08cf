import { sql, type Kysely } from "kysely";
import type { Result } from "@gatehouse/std";
import { isServer } from "./database-time.ts";
import type { Migration } from "./migration.ts";
import type { CentralTables } from "./tables.ts";

/** The schema of a database: empty, ours at this version, or another program's. */
export type Schema =
  | { readonly kind: "empty" }
  | { readonly kind: "ours"; readonly version: number }
  | { readonly kind: "foreign"; readonly tables: readonly string[] };

/** The schema is that of a later Gatehouse. */
export type NewerSchema = { readonly code: "newer-schema"; readonly found: number; readonly known: number };

/** Finds out whose schema a database has. Reads only. */
export const schemaOf = async (db: Kysely<CentralTables>): Promise<Schema> => {
  const tables = await ownTables(db);
  const ours = tables.find(({ name }) => name === "schema_version");
  if (ours?.columns.some(({ name }) => name === "applied_at"))
    return { kind: "ours", version: await versionOf(db) };
  if (tables.length === 0) return { kind: "empty" };
  return { kind: "foreign", tables: tables.map(({ name }) => name) };
};

/** A table with its column names, by which its program is recognised. */
type FoundTable = { readonly name: string; readonly columns: readonly { readonly name: string }[] };

/**
 * The tables of the database; on PostgreSQL, of its current schema. Kysely's introspection would read every
 * schema there, and fails if another program is removing one.
 */
export const ownTables = async (db: Kysely<CentralTables>): Promise<readonly FoundTable[]> => {
  if (!isServer(db)) return db.introspection.getTables();
  const { rows } = await sql<{ table: string; column: string }>`
    select relname as table, attname as column
    from pg_class join pg_attribute on attrelid = pg_class.oid and attnum > 0 and not attisdropped
    where relnamespace = current_schema()::regnamespace and relkind in ('r', 'p')
    order by relname, attnum`.execute(db);
  const names = [...new Set(rows.map(({ table }) => table))];
  return names.map((name) => ({
    name,
    columns: rows.filter(({ table }) => table === name).map(({ column }) => ({ name: column })),
  }));
};

/** The schema is that of a Gatehouse before the first release. Its migrations no longer exist. */
export type TooOldSchema = {
  readonly code: "schema-too-old";
  readonly found: number;
  readonly oldest: number;
};

/** The migrations that a database at this version lacks, in order. Version 0 lacks all of them. */
export const pendingAfter = (
  version: number,
  migrations: readonly Migration[],
): Result<readonly Migration[], NewerSchema | TooOldSchema> => {
  const known = migrations.at(-1)?.version ?? 0;
  if (version > known) return { ok: false, error: { code: "newer-schema", found: version, known } };
  const oldest = migrations[0]?.version ?? 0;
  if (version > 0 && version < oldest)
    return { ok: false, error: { code: "schema-too-old", found: version, oldest } };
  return { ok: true, value: migrations.filter((migration) => migration.version > version) };
};

/**
 * Runs these migrations, each in one transaction with its row of `schema_version`. `now` gives ISO 8601 in
 * UTC.
 */
export const applyMigrations = async (
  db: Kysely<CentralTables>,
  migrations: readonly Migration[],
  now: () => string,
): Promise<void> => {
  await createSchemaVersion(db);
  for (const migration of migrations) await applyOne(db, migration, now());
};

const versionOf = async (db: Kysely<CentralTables>): Promise<number> => {
  const { version } = await db
    .selectFrom("schema_version")
    .select(({ fn }) => fn.max("version").as("version"))
    .executeTakeFirstOrThrow();
  return version ?? 0;
};

const createSchemaVersion = (db: Kysely<CentralTables>): Promise<void> =>
  db.schema
    .createTable("schema_version")
    .ifNotExists()
    .addColumn("version", "integer", (version) => version.primaryKey().notNull())
    .addColumn("name", "text", (name) => name.notNull())
    .addColumn("applied_at", "text", (at) => at.notNull())
    .execute();

/**
 * The row is written first and takes the write lock. If two hosts start at once, the second waits here, finds
 * the row, and skips the step.
 */
const applyOne = (
  db: Kysely<CentralTables>,
  { version, name, up }: Migration,
  applied_at: string,
): Promise<void> =>
  db.transaction().execute(async (transaction) => {
    const claimed = await transaction
      .insertInto("schema_version")
      .values({ version, name, applied_at })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    if (claimed.numInsertedOrUpdatedRows === 0n) return;
    await up(transaction.withTables<CentralTables>() as unknown as Kysely<unknown>);
  });
