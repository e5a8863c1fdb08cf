import { openPostgres, postgresTrouble, type OpenOptions, type PostgresAddress } from "@gatehouse/postgres";
import type { Result } from "@gatehouse/std";
import type { Kysely } from "kysely";
import { orphanedBy } from "./emptied.ts";
import { applyMigrations, pendingAfter, schemaOf } from "./migrate.ts";
import type { Migration } from "./migration.ts";
import { migrations } from "./migrations/index.ts";
import { sessionRowsOf, type Central } from "./open-central.ts";
import type { CentralTables } from "./tables.ts";

/** Why a database on a server cannot be used. `database` is its address, without secrets. */
export type ServerError = { readonly database: string } & (
  | {
      /** The server is unreachable; it refuses us; another host works on the database. */
      readonly code: "database-unavailable" | "database-refused" | "database-in-use";
      readonly detail: string;
    }
  | { readonly code: "database-emptied"; readonly beside: readonly string[] }
  | { readonly code: "not-a-central-database"; readonly tables: readonly string[] }
  | { readonly code: "newer-schema"; readonly found: number; readonly known: number }
  | { readonly code: "schema-too-old"; readonly found: number; readonly oldest: number }
);

export type ServerOptions = OpenOptions & {
  /**
   * The data folder. Its groups' folders show whether the database had rows. Null if there is no data folder
   * yet.
   */
  readonly dataDir: string | null;
  readonly now: () => string;
  readonly steps?: readonly Migration[];
};

/**
 * Opens the central database on PostgreSQL, and migrates its schema, one transaction per step, under the lock
 * that keeps every other host out. A database of a later Gatehouse, or of another program, is refused
 * unchanged. With `isShared` other hosts may work on it too, except while its schema is migrated.
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
  { dataDir, now, steps = migrations, ...options }: ServerOptions,
): Promise<Result<Central, ServerError> | Outdated> => {
  const database = address.shown;
  const { isShared = false } = options;
  try {
    const { db, beside, reading, unhurried, close } = await openPostgres<CentralTables>(address, options);
    const ready = await undoOnError(
      unhurried(() => bringUp(db, { dataDir, now, steps, isShared })),
      close,
    );
    if (ready === null)
      return { ok: true, value: { db, reading, beside, rows: sessionRowsOf(beside), backup: null, close } };
    await close();
    return ready === "outdated" ? ready : { ok: false, error: { database, ...ready } };
  } catch (error) {
    return { ok: false, error: { database, ...serverTrouble(error) } };
  }
};

/** A `ServerError` without the database, which the caller adds. */
export type Problem = ServerError extends infer E ? (E extends unknown ? Omit<E, "database"> : never) : never;

type BringUpOptions = Required<Omit<ServerOptions, keyof OpenOptions>> & { readonly isShared: boolean };

const bringUp = async (
  db: Kysely<CentralTables>,
  { dataDir, now, steps, isShared }: BringUpOptions,
): Promise<Problem | Outdated | null> => {
  const schema = await schemaOf(db);
  if (schema.kind === "foreign") return { code: "not-a-central-database", tables: schema.tables };
  const pending = pendingAfter(schema.kind === "ours" ? schema.version : 0, steps);
  if (!pending.ok) return pending.error;
  const beside = dataDir === null ? [] : await orphanedBy(db, dataDir);
  if (beside.length > 0) return { code: "database-emptied", beside };
  if (pending.value.length > 0 && isShared) return "outdated";
  if (pending.value.length > 0) await applyMigrations(db, pending.value, now);
  return null;
};

/** Maps an error of the driver to a problem. Rethrows any other error, which is a bug. */
export const serverTrouble = (error: unknown): Problem => {
  const found = postgresTrouble(error);
  if (found === null) throw error;
  const detail = found.message;
  switch (found.code) {
    case "POSTGRES_TAKEN":
      return { code: "database-in-use", detail };
    case "POSTGRES_REFUSED":
      return { code: "database-refused", detail };
    default:
      return { code: "database-unavailable", detail };
  }
};

const undoOnError = async <T>(done: Promise<T>, undo: () => Promise<void>): Promise<T> => {
  try {
    return await done;
  } catch (error) {
    await undo();
    throw error;
  }
};
