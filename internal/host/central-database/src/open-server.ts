import {
  openPostgres,
  postgresTrouble,
  type OpenOptions,
  type PostgresAddress,
  type PostgresTrouble,
  wasNeverSent,
} from "@gatehouse/postgres";
import type { Result } from "@gatehouse/std";
import { sql, type Kysely } from "kysely";
import {
  migrate,
  notMigrated,
  ranMigrations,
  readSchema,
  type NotMigrated,
  type SchemaError,
} from "./migrate.ts";
import { migrations, type Migrations } from "./migrations/index.ts";
import { hasGroupFolders } from "./no-database.ts";
import type { Central, ChangedByHand } from "./open-central.ts";
import type { CentralTables } from "./tables.ts";
import { changedTables } from "./upgrade/changed-by-hand.ts";

/** Why a database on a server cannot be used. `database` is its address, without secrets. */
export type ServerError = { readonly database: string } & (
  | SchemaError
  | NotMigrated
  | {
      /** The server is unreachable; it refuses us; another host works on the database. */
      readonly code: "database-unavailable" | "database-refused" | "database-in-use";
      readonly detail: string;
      /** What the server's driver said. Some have a fix of their own. */
      readonly why: PostgresTrouble["code"];
    }
  /** The database is empty, but the data folder has folders of groups. */
  | { readonly code: "database-emptied" }
  | ChangedByHand
);

export type ServerOptions = OpenOptions & {
  readonly dataDir: string;
  /** Called before an older schema is migrated: there is no copy to go back to. */
  readonly beforeMigration?: () => void;
  readonly known?: Migrations;
};

/**
 * Opens the central database on PostgreSQL, and migrates its schema in one transaction, under the lock that
 * keeps every other host out. A database of another build that this one cannot migrate, or of another program,
 * is refused unchanged. With `isShared` other hosts may work on it too, except while its schema is migrated.
 */
export const openServer = async (
  address: PostgresAddress,
  options: ServerOptions,
): Promise<Result<Central, ServerError>> => {
  const opened = await openOnce(address, options);
  if (opened !== "outdated") return opened;
  const alone = await openOnce(address, { ...options, isShared: false });
  if (alone === "outdated") throw new TypeError("A host that opens the database alone migrates it");
  if (alone.ok) await alone.value.close();
  const again = await openOnce(address, options);
  // Another starting host may have migrated it meanwhile. If it is still outdated, report why we were not
  // alone.
  return again === "outdated" ? alone : again;
};

/** The schema has to be migrated, which a host that shares the database may not do. */
type Outdated = "outdated";

const openOnce = async (
  address: PostgresAddress,
  options: ServerOptions,
  isAgain = false,
): Promise<Result<Central, ServerError> | Outdated> => {
  const database = address.shown;
  try {
    const { db, loop, reading, unhurried, hurry, close } = await openPostgres<CentralTables>(
      address,
      options,
    );
    const ready = await undoOnError(
      unhurried(() => migrateServer(db, options)),
      close,
    );
    if (ready === null || ready === "made") {
      const removeSchema = ready === "made" ? () => removeTables(db) : null;
      return { ok: true, value: { db, reading, loop, backup: null, removeSchema, hurry, close } };
    }
    await close();
    return ready === "outdated" ? ready : { ok: false, error: { database, ...ready } };
  } catch (error) {
    // The server ends a session whose program stands still for some seconds. All of this can be done again.
    const isCutOff = !isAgain && error instanceof Error && wasNeverSent(error);
    if (isCutOff) return openOnce(address, options, true);
    return { ok: false, error: { database, ...serverTrouble(error) } };
  }
};

/** A `ServerError` without the database, which the caller adds. */
export type Problem = ServerError extends infer E ? (E extends unknown ? Omit<E, "database"> : never) : never;

/** Returns `made` for the schema of an empty database. */
const migrateServer = async (
  db: Kysely<CentralTables>,
  { dataDir, isShared = false, beforeMigration, known = migrations }: ServerOptions,
): Promise<Problem | Outdated | "made" | null> => {
  const schema = await readSchema(db, known);
  if (!schema.ok) return schema.error;
  const { version, isCurrent } = schema.value;
  if (version === 0 && (await hasGroupFolders(dataDir))) return { code: "database-emptied" };
  if (isShared && !isCurrent) return "outdated";
  const which = isCurrent ? "missing" : "all";
  const problems = version === 0 ? [] : await changedTables(db, await ranMigrations(db, known), which);
  if (problems.length > 0) return { code: "changed-by-hand", problems };
  if (isCurrent) return null;
  if (version > 0) beforeMigration?.();
  await migrate(db, known);
  return version === 0 ? "made" : null;
};

/** In one statement: all tables or none. A database without tables is an empty one. */
const removeTables = async (db: Kysely<CentralTables>): Promise<void> => {
  const tables = await db.introspection.getTables();
  const names = tables.map(({ name }) => sql.table(name));
  await sql`drop table ${sql.join(names)}`.execute(db);
};

/** Maps an error of the driver, or of a migration, to a problem. Rethrows any other error, which is a bug. */
export const serverTrouble = (error: unknown): Problem => {
  const failed = notMigrated(error);
  if (failed !== null) return failed;
  const found = postgresTrouble(error);
  if (found === null) throw error;
  return { code: codes[found.code] ?? "database-unavailable", detail: found.message, why: found.code };
};

/** Any other trouble may pass by itself. */
const codes: Partial<Record<PostgresTrouble["code"], "database-refused" | "database-in-use">> = {
  POSTGRES_TAKEN: "database-in-use",
  POSTGRES_REFUSED: "database-refused",
  POSTGRES_PASSWORD: "database-refused",
  POSTGRES_TLS: "database-refused",
  POSTGRES_POOLED: "database-refused",
  POSTGRES_ENCODING: "database-refused",
};

const undoOnError = async <T>(done: Promise<T>, undo: () => Promise<void>): Promise<T> => {
  try {
    return await done;
  } catch (error) {
    await undo();
    throw error;
  }
};
