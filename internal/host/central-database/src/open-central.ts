import { statSync } from "node:fs";
import { chmod, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { attempt, openSqlite, type Sqlite, type SqliteOptions } from "@gatehouse/sqlite";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { backUp, backupsFolder, unfinishedOf } from "./backup.ts";
import { changedByHand, changedTables } from "./upgrade/changed-by-hand.ts";
import {
  attemptToMigrate,
  migrate,
  ranMigrations,
  readSchema,
  type NotMigrated,
  type Schema,
  type SchemaError,
} from "./migrate.ts";
import { migrations, type Migrations } from "./migrations/index.ts";
import { hasGroupFolders } from "./no-database.ts";
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
  readonly loop: Kysely<CentralTables>;
  /** The copy that was made before an older schema was migrated; null if no migration was needed. */
  readonly backup: string | null;
  /** Removes the schema that this open made in an empty database of a server; null if it made none there. */
  readonly removeSchema: (() => Promise<void>) | null;
  /** The host ends: from here on its queries together wait a few seconds for a server that is away. */
  readonly hurry: () => void;
  readonly close: () => Promise<void>;
};

/** Why a database file cannot be used. */
export type OpenError = { readonly file: string } & (
  | SchemaError
  | NotMigrated
  | { readonly code: "database-unusable"; readonly detail: string; readonly fix?: string }
  | ChangedByHand
  /** There is no database, but the data folder has folders of groups. */
  | { readonly code: "database-emptied" }
  | { readonly code: "backup-failed"; readonly folder: string; readonly detail: string }
  /** `gatehouse upgrade --undo` did not put this copy in the place of the database. */
  | { readonly code: "undo-failed"; readonly copy: string; readonly detail: string }
);

/** The database is not as Gatehouse made it. `problems` are sentences. */
export type ChangedByHand = { readonly code: "changed-by-hand"; readonly problems: readonly string[] };

/** The path of a data folder's central database. */
export const centralFile = (dataDir: string): string => join(dataDir, "gatehouse.db");

/**
 * Opens `gatehouse.db` in the data folder, creates it if it is missing, and migrates its schema: first a copy
 * into `backups/`, then all migrations in one transaction. A database of another build that this one cannot
 * migrate, or of another program, is refused unchanged. `now` gives ISO 8601 in UTC.
 */
export const openCentral = async (
  dataDir: string,
  now: () => string = () => new Date().toISOString(),
  known: Migrations = migrations,
): Promise<Result<Central, OpenError>> => {
  const file = centralFile(dataDir);
  const made = await attempt(() => makeFolder(dataDir, 0o711));
  if (!made.ok) return unusable(file, made.error);
  if ((await isMissingOrEmpty(file)) && (await hasGroupFolders(dataDir)))
    return { ok: false, error: { code: "database-emptied", file } };
  const found = await readWithoutWriting(file, known);
  if (found?.ok === false) return found;
  // A copy that somebody put back may be open to all, as its log beside it would be.
  const closed = await attempt(async () => found !== null && isThere(file) && chmod(file, 0o600));
  if (!closed.ok) return unusable(file, closed.error);
  // A way back that was killed leaves this.
  await attempt(() => rm(unfinishedOf(file), { force: true }));
  const opened = await openFile(file, { isDurable: true });
  if (!opened.ok) return opened;
  const { db, reading, close } = opened.value;
  const schema = found ?? (await schemaIn(db, file, known));
  const backup = schema.ok
    ? await migrateWithCopy(opened.value, schema.value, { dataDir, file, now, known })
    : schema;
  if (backup.ok)
    return {
      ok: true,
      value: {
        db,
        reading,
        loop: db,
        backup: backup.value,
        removeSchema: null,
        hurry: () => undefined,
        close,
      },
    };
  // On a full disk the checkpoint of `close` fails too. The first error is the useful one.
  await attempt(close);
  return backup;
};

const unusable = (file: string, detail: string): Result<never, OpenError> => ({
  ok: false,
  error: { code: "database-unusable", file, detail },
});

/** True also for a file about which this account learns nothing, as in a folder of another account: opening it says why. */
export const isThere = (file: string): boolean => {
  try {
    return statSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return systemCode(error) !== "ENOTDIR";
  }
};

/** A first start that was killed leaves an empty file. */
const isMissingOrEmpty = async (file: string): Promise<boolean> => {
  const found = await attempt(() => stat(file));
  return !found.ok || (found.value.isFile() && found.value.size === 0);
};

/**
 * Reads the schema without writing, so that a refused database stays unchanged: opening it to write would add
 * a write-ahead log. Null if reading is impossible because SQLite must first roll back the half-written data
 * of a killed program, which is a write.
 */
const readWithoutWriting = async (
  file: string,
  known: Migrations,
): Promise<Result<Schema, OpenError> | null> => {
  if (!isThere(file)) return { ok: true, value: { version: 0, isCurrent: false } };
  const opened = await openFile(file, { readOnly: true });
  if (!opened.ok) return null;
  const schema = await schemaIn(opened.value.db, file, known);
  await opened.value.close();
  return schema;
};

const schemaIn = async (
  db: Kysely<CentralTables>,
  file: string,
  known: Migrations,
): Promise<Result<Schema, OpenError>> => {
  const read = await attempt(() => readUnchanged(db, known));
  if (!read.ok) return unusable(file, read.error);
  return read.value.ok ? read.value : { ok: false, error: { ...read.value.error, file } };
};

/** Reads the schema. Refuses the present one without all its tables. An older one is compared before it is migrated. */
const readUnchanged = async (
  db: Kysely<CentralTables>,
  known: Migrations,
): Promise<Result<Schema, SchemaError | ChangedByHand>> => {
  const schema = await readSchema(db, known);
  if (!schema.ok || !schema.value.isCurrent) return schema;
  const problems = await changedTables(db, known, "missing");
  return problems.length === 0 ? schema : { ok: false, error: { code: "changed-by-hand", problems } };
};

/** Opens the file as SQLite, whatever its schema is. */
export const openFile = async (
  file: string,
  options: SqliteOptions = {},
): Promise<Result<Sqlite<CentralTables>, OpenError>> => {
  const opened = await openSqlite<CentralTables>(file, options);
  if (opened.ok) return opened;
  const { error } = opened;
  if (error.code === "not-a-database") return unusable(file, "it is not a SQLite database");
  return { ok: false, error };
};

/** Why SQLite cannot open a file, as text. */
export const detailOf = (error: OpenError): string => ("detail" in error ? error.detail : error.code);

type Migrating = {
  readonly dataDir: string;
  readonly file: string;
  readonly now: () => string;
  readonly known: Migrations;
};

/** Migrates the schema. Returns the path of the copy that was made before; null if no copy was needed. */
const migrateWithCopy = async (
  { db, close }: Sqlite<CentralTables>,
  { version, isCurrent }: Schema,
  { dataDir, file, now, known }: Migrating,
): Promise<Result<string | null, OpenError>> => {
  if (isCurrent) return { ok: true, value: null };
  const problems = version === 0 ? [] : await changedByHand(db, await ranMigrations(db, known));
  if (problems.length > 0) return { ok: false, error: { code: "changed-by-hand", file, problems } };
  // A database without tables needs no copy.
  const copied = await attempt(async () =>
    version === 0 ? null : backUp(db, { dataDir, version, at: now() }),
  );
  if (!copied.ok) {
    const folder = backupsFolder(dataDir);
    return { ok: false, error: { code: "backup-failed", file, folder, detail: copied.error } };
  }
  const migrated = await attemptToMigrate(() => migrate(db, known));
  if (migrated.ok) return copied;
  // A host that is started again and again would else fill the disk, and push older copies out. With a log on the disk the
  // rollback is not certain: it may have a commit that failed.
  const closed = await attempt(close);
  const { value: copy } = copied;
  if (closed.ok && copy !== null && (await isMissingOrEmpty(`${file}-wal`))) await attempt(() => rm(copy));
  return { ok: false, error: { ...migrated.error, file } };
};
