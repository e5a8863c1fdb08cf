import { Migrator, type Kysely, type Migration } from "kysely";
import { attempt, isTrouble } from "@gatehouse/sqlite";
import { fail, type Result } from "@gatehouse/std";
import { migrations, type Migrations } from "./migrations/index.ts";
import type { CentralTables } from "./tables.ts";

/** The table in which Kysely keeps which migrations ran. By it we recognise a central database. */
const migrationTableName = "schema_version";
const migrationLockTableName = "schema_version_lock";

/** The tables of Kysely's Migrator: a migrated database has them and their rows already. */
export const migrationTables: readonly string[] = [migrationTableName, migrationLockTableName];

/** The schema of a central database that this build can use. */
export type Schema = {
  /** The number of the last migration that ran; 0 in an empty database. */
  readonly version: number;
  readonly isCurrent: boolean;
};

/** Why this build cannot use a database. */
export type SchemaError =
  | { readonly code: "not-a-central-database"; readonly tables: readonly string[] }
  | { readonly code: "newer-schema"; readonly found: number; readonly known: number }
  /** From a build before the first release. No migration leads from its schema to this one. */
  | { readonly code: "schema-too-old" };

/** Finds out which migrations ran. Reads only. */
export const readSchema = async (
  db: Kysely<CentralTables>,
  known: Migrations = migrations,
): Promise<Result<Schema, SchemaError>> => {
  const tables = await db.introspection.getTables();
  if (tables.length === 0) return { ok: true, value: { version: 0, isCurrent: false } };
  const ours = tables.find(({ name }) => name === migrationTableName);
  const has = (column: string) => ours?.columns.some(({ name }) => name === column) ?? false;
  // The builds before Kysely's Migrator had this column.
  if (has("applied_at")) return { ok: false, error: { code: "schema-too-old" } };
  if (!has("timestamp"))
    return { ok: false, error: { code: "not-a-central-database", tables: tables.map(({ name }) => name) } };
  const ran = (await db.selectFrom(migrationTableName).select("name").execute()).map(({ name }) => name);
  const names = Object.keys(known);
  const version = newestOf(ran);
  const unknown = ran.filter((name) => !names.includes(name));
  if (newestOf(unknown) > newestOf(names))
    return { ok: false, error: { code: "newer-schema", found: version, known: newestOf(names) } };
  if (unknown.length > 0) return { ok: false, error: { code: "schema-too-old" } };
  return { ok: true, value: { version, isCurrent: ran.length === names.length } };
};

/** The migrations that ran in a database, of those that this build knows. */
export const ranMigrations = async (db: Kysely<CentralTables>, known: Migrations): Promise<Migrations> => {
  const ran = (await db.selectFrom(migrationTableName).select("name").execute()).map(({ name }) => name);
  return Object.fromEntries(Object.entries(known).filter(([name]) => ran.includes(name)));
};

/** The highest number with which a name begins: 2 for `002-notes`. */
const newestOf = (names: readonly string[]): number =>
  Math.max(0, ...names.map((name) => Number.parseInt(name, 10)));

/** The schema was not brought up to date, and all migrations were rolled back. `migration` is null for a full disk and the like. */
export type NotMigrated = {
  readonly code: "migration-failed";
  readonly migration: string | null;
  readonly detail: string;
};

/** A migration that cannot run on this database. No system error or trouble of a server: those are thrown as they are. */
class MigrationError extends Error {
  readonly migration: string;

  constructor(migration: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause });
    this.migration = migration;
  }
}

/** Null for any other error. */
export const notMigrated = (error: unknown): NotMigrated | null =>
  error instanceof MigrationError
    ? { code: "migration-failed", migration: error.migration, detail: error.message }
    : null;

/** Runs `work`, which calls `migrate` on a file. A failed migration and a full disk become a value. */
export const attemptToMigrate = async <T>(work: () => Promise<T>): Promise<Result<T, NotMigrated>> => {
  try {
    const done = await attempt(work);
    return done.ok ? done : fail({ code: "migration-failed", migration: null, detail: done.error });
  } catch (error) {
    const problem = notMigrated(error);
    if (problem === null) throw error;
    return fail(problem);
  }
};

/**
 * Runs the migrations that the database lacks, all in one transaction: its own, or that of the caller's connection. If two
 * programs do this at once, the second waits, and then finds nothing to do. Throws why it failed.
 */
export const migrate = async (
  db: Kysely<CentralTables>,
  known: Migrations = migrations,
  { isInTransaction = false }: { readonly isInTransaction?: boolean } = {},
): Promise<void> => {
  let why: unknown;
  const noting = (name: string, up: Migration["up"]): Migration["up"] => {
    return async (one) => {
      try {
        await up(one);
      } catch (thrown) {
        why = isTrouble(thrown) ? thrown : new MigrationError(name, thrown);
        throw thrown;
      }
    };
  };
  const noted = Object.entries(known).map(([name, { up }]) => [name, { up: noting(name, up) }] as const);
  const provider = { getMigrations: async () => Object.fromEntries(noted) };
  const names = { migrationTableName, migrationLockTableName };
  const migrator = new Migrator({ db, provider, ...names, disableTransactions: isInTransaction });
  const { error } = await migrator.migrateToLatest().catch((thrown: unknown) => ({ error: thrown }));
  // In the caller's transaction, Kysely 0.28 fails to unlock after a failed migration, and hides why it failed.
  if (error !== undefined) throw why ?? error;
};
