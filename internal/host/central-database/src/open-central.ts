import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { attempt, openSqlite, type Sqlite, type SqliteOptions } from "@gatehouse/sqlite";
import { makeFolder } from "@gatehouse/fs-kit";
import type { SessionTables } from "@nc/session-db/node";
import type { Result } from "@gatehouse/std";
import { backUp, backupsFolder } from "./backup.ts";
import { applyMigrations, pendingAfter, schemaOf, type Schema } from "./migrate.ts";
import { emptiedFile, emptiedRows, type Emptied } from "./emptied.ts";
import type { Migration } from "./migration.ts";
import { migrations } from "./migrations/index.ts";
import type { CentralTables } from "./tables.ts";

/** The central database, open and at the present schema. */
export type Central = {
  readonly db: Kysely<CentralTables>;
  /**
   * For commands that only read, and for every look-up that must not wait. It sees committed data, does not
   * wait for transactions of `db`, and refuses writes. On SQLite it is a read-only connection; on a server,
   * sessions whose transactions are read-only.
   */
  readonly reading: Kysely<CentralTables>;
  /**
   * For messages of people and agents, and for leases. On SQLite it is `db`. On a server these are sessions
   * that wait neither for commands nor for a host that was stopped in the middle of one. A transaction here
   * locks the rows that it reads.
   */
  readonly beside: Kysely<CentralTables>;
  /**
   * For the rows of agents' sessions. On SQLite it is `db`. On a server these are database sessions whose
   * transactions wait neither for the rows of other agents' sessions nor for commands.
   */
  readonly rows: Kysely<SessionTables>;
  /** The copy that was made before an older schema was migrated; null if no migration was needed. */
  readonly backup: string | null;
  readonly close: () => Promise<void>;
};

export type OpenError =
  | Emptied
  | { readonly code: "database-unusable"; readonly file: string; readonly detail: string }
  | { readonly code: "not-a-central-database"; readonly file: string; readonly tables: readonly string[] }
  | { readonly code: "newer-schema"; readonly file: string; readonly found: number; readonly known: number }
  | {
      readonly code: "schema-too-old";
      readonly file: string;
      readonly found: number;
      readonly oldest: number;
    }
  | {
      readonly code: "backup-failed";
      readonly file: string;
      readonly folder: string;
      readonly detail: string;
    };

/** The path of a data folder's central database. */
export const centralFile = (dataDir: string): string => join(dataDir, "gatehouse.db");

/**
 * Opens `gatehouse.db` in the data folder, creates it if it is missing, and migrates its schema: first a copy
 * into `backups/`, then one transaction per step. A database of a later Gatehouse, or of another program, is
 * refused unchanged. `now` gives ISO 8601 in UTC.
 */
export const openCentral = async (
  dataDir: string,
  now: () => string = () => new Date().toISOString(),
  steps: readonly Migration[] = migrations,
): Promise<Result<Central, OpenError>> => {
  const file = centralFile(dataDir);
  const made = await attempt(() => makeFolder(dataDir, 0o711));
  if (!made.ok) return unusable(file, made.error);
  const emptied = await emptiedFile(dataDir, file);
  if (emptied !== null) return { ok: false, error: emptied };
  const found = await readSchemaState(dataDir, file, steps);
  if (found?.ok === false) return found;
  const opened = await openFile(file, { isDurable: true });
  if (!opened.ok) return opened;
  const { db, reading, close } = opened.value;
  const state = found ?? (await schemaStateIn(db, { dataDir, file }, steps));
  const current = await bringUp(db, state, { dataDir, file, now });
  // On a full disk the checkpoint of `close` fails too. The first error is the useful one.
  if (!current.ok) await attempt(close);
  return current.ok
    ? { ok: true, value: { db, reading, beside: db, rows: sessionRowsOf(db), backup: current.value, close } }
    : current;
};

/** The same connections, typed for the store of sessions: Kysely's type is not covariant in its tables. */
export const sessionRowsOf = (db: Kysely<CentralTables>): Kysely<SessionTables> =>
  db as unknown as Kysely<SessionTables>;

type Place = { readonly dataDir: string; readonly file: string; readonly now: () => string };

/** The schema version of the database, and the migrations that it lacks. */
type SchemaState = { readonly version: number; readonly pending: readonly Migration[] };

const unusable = (file: string, detail: string): Result<never, OpenError> => ({
  ok: false,
  error: { code: "database-unusable", file, detail },
});

/**
 * Reads the schema without writing, so that a refused database stays unchanged: opening it to write would add
 * a write-ahead log. Null if reading is impossible because SQLite must first roll back the half-written data
 * of a killed program, which is a write.
 */
const readSchemaState = async (
  dataDir: string,
  file: string,
  steps: readonly Migration[],
): Promise<Result<SchemaState, OpenError> | null> => {
  if (!existsSync(file)) return { ok: true, value: { version: 0, pending: steps } };
  const opened = await openFile(file, { readOnly: true });
  if (!opened.ok) return null;
  const state = await schemaStateIn(opened.value.db, { dataDir, file }, steps);
  await opened.value.close();
  return state;
};

const schemaStateIn = async (
  db: Kysely<CentralTables>,
  { dataDir, file }: Pick<Place, "dataDir" | "file">,
  steps: readonly Migration[],
): Promise<Result<SchemaState, OpenError>> => {
  const schema = await attempt(() => schemaOf(db));
  if (!schema.ok) return unusable(file, schema.error);
  if (schema.value.kind === "foreign") return schemaStateOf(file, schema.value, steps);
  const emptied = await attempt(() => emptiedRows(db, dataDir, file));
  if (!emptied.ok) return unusable(file, emptied.error);
  if (emptied.value !== null) return { ok: false, error: emptied.value };
  return schemaStateOf(file, schema.value, steps);
};

const schemaStateOf = (
  file: string,
  schema: Schema,
  steps: readonly Migration[],
): Result<SchemaState, OpenError> => {
  if (schema.kind === "foreign")
    return { ok: false, error: { code: "not-a-central-database", file, tables: schema.tables } };
  const version = schema.kind === "ours" ? schema.version : 0;
  const pending = pendingAfter(version, steps);
  return pending.ok
    ? { ok: true, value: { version, pending: pending.value } }
    : { ok: false, error: { ...pending.error, file } };
};

const openFile = async (
  file: string,
  options: SqliteOptions = {},
): Promise<Result<Sqlite<CentralTables>, OpenError>> => {
  const opened = await openSqlite<CentralTables>(file, options);
  if (opened.ok) return opened;
  const { error } = opened;
  return unusable(file, error.code === "not-a-database" ? "it is not a SQLite database" : error.detail);
};

/** Migrates the schema. Returns the path of the copy that was made before; null if no copy was needed. */
const bringUp = async (
  db: Kysely<CentralTables>,
  state: Result<SchemaState, OpenError>,
  place: Place,
): Promise<Result<string | null, OpenError>> => {
  if (!state.ok) return state;
  const { version, pending } = state.value;
  if (pending.length === 0) return { ok: true, value: null };
  const copied = await copyFirst(db, place, version);
  if (!copied.ok) return copied;
  const applied = await attempt(() => applyMigrations(db, pending, place.now));
  return applied.ok ? copied : unusable(place.file, applied.error);
};

/** A database without data needs no copy. */
const copyFirst = async (
  db: Kysely<CentralTables>,
  { dataDir, file, now }: Place,
  version: number,
): Promise<Result<string | null, OpenError>> => {
  if (version === 0) return { ok: true, value: null };
  const copied = await attempt(() => backUp(db, { dataDir, version, at: now() }));
  if (copied.ok) return copied;
  const folder = backupsFolder(dataDir);
  return { ok: false, error: { code: "backup-failed", file, folder, detail: copied.error } };
};
