import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  openSync,
  lstatSync,
  realpathSync,
  statSync,
} from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Kysely, sql } from "kysely";
import type Libsql from "libsql";
import type { Result } from "@gatehouse/std";
import { busyLimitMs, untilFree, type WriteLock } from "./busy.ts";
import { readingOn } from "./reading.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { sqlitePort } from "./sqlite-port.ts";

/** The error of a database file that cannot be opened. `detail` is SQLite's message. */
export type SqliteOpenError =
  | {
      readonly code: "database-unusable";
      readonly file: string;
      readonly detail: string;
      /** The fix, if the file is not the reason. */
      readonly fix?: string;
    }
  | { readonly code: "not-a-database"; readonly file: string };

/** An open SQLite file. */
export type Sqlite<T> = {
  readonly db: Kysely<T>;
  /**
   * A separate connection that only reads. It sees committed rows, waits for no transaction of `db`, and
   * refuses writes. Its first query opens it.
   */
  readonly reading: Kysely<T>;
  /**
   * Waits for an open transaction, then moves the write-ahead log into the file. Throws SQLite's error if
   * that fails (a full disk); even then everything is closed, and no commit is lost.
   */
  readonly close: () => Promise<void>;
};

export type SqliteOptions = {
  /** The file must exist, and is not changed. */
  readonly readOnly?: boolean;
  /** Each commit is on the disk before it is acknowledged: a power cut loses none of them. */
  readonly isDurable?: boolean;
};

/**
 * How long a read may wait, ms. The wait blocks the process, and only happens while another connection
 * recovers the log after a crash: writers never block readers.
 */
const readerTimeout = 50;

type Driver = new (address: string) => Libsql.Database;

/** Why SQLite cannot be used on this machine: its native part is a package of its own, which npm may leave out. */
export type SqliteMissing = { readonly detail: string; readonly fix: string };

/** Loads SQLite. Fails if its native part for this system is not installed, or does not run here. */
export const loadSqlite = async (): Promise<Result<Driver, SqliteMissing>> => {
  try {
    // Loaded late, so that a program can say that it is missing.
    return { ok: true, value: (await import("libsql")).default };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : null;
    if (code !== "MODULE_NOT_FOUND" && code !== "ERR_MODULE_NOT_FOUND" && code !== "ERR_DLOPEN_FAILED")
      throw error;
    const [first = ""] = String(error).split("\n");
    return {
      ok: false,
      error: { detail: `SQLite's native part cannot be loaded: ${first}`, fix: missingFix },
    };
  }
};

const missingFix =
  "install gatehouse again on this machine, with its optional packages: npm install --include=optional";

/**
 * Opens a SQLite file with write-ahead log and foreign keys; creates it with mode 0600 if it is missing. A
 * file that exists keeps its mode. A commit survives the end of the process. A power cut may lose the last commits, each as a whole, unless the
 * file is opened as durable: waiting for the disk at each commit took 1.6 ms instead of 0.03. Deleted data is
 * overwritten.
 */
export const openSqlite = async <T>(
  file: string,
  options: SqliteOptions = {},
): Promise<Result<Sqlite<T>, SqliteOpenError>> => {
  const path = resolve(file);
  const driver = await loadSqlite();
  if (!driver.ok) return { ok: false, error: { code: "database-unusable", file: path, ...driver.error } };
  const connect = connectBy(driver.value);
  try {
    const odd = oddFileOf(path);
    if (odd !== null)
      return { ok: false, error: { code: "database-unusable", file: path, detail: oddDetail(path, odd) } };
    return {
      ok: true,
      value:
        options.readOnly === true ? openToRead<T>(path, connect) : openToWrite<T>(path, connect, options),
    };
  } catch (error) {
    return { ok: false, error: openError(path, error) };
  }
};

/** Makes an empty database in memory: no disk is needed. It is gone once it is destroyed. */
export const openInMemory = async <T>(): Promise<Kysely<T>> => {
  const driver = await loadSqlite();
  if (!driver.ok) throw new Error(driver.error.detail);
  const database = new driver.value(":memory:");
  return new Kysely<T>({ dialect: sqliteDialect(sqlitePort(database), lockOf(database)) });
};

const openToWrite = <T>(path: string, connect: Connect, { isDurable = false }: SqliteOptions): Sqlite<T> => {
  createFile(path);
  const database = connect(path, busyLimitMs);
  database.exec("pragma journal_mode = wal; pragma foreign_keys = on");
  database.exec(`pragma synchronous = ${isDurable ? "full" : "normal"}`);
  // Deleted texts are overwritten; otherwise they would stay in free pages of the file.
  database.exec("pragma secure_delete = on");
  // From here on the driver waits (busy.ts): SQLite's own timeout would block the process.
  database.exec("pragma busy_timeout = 0");
  return sqlite<T>(path, { connect, database }, checkpoint);
};

/** Moves the log into the file. Pages that another process still reads stay in the log. */
const checkpoint = async <T>(db: Kysely<T>): Promise<void> => {
  const done = async (): Promise<true | null> => {
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db);
    return rows[0]?.busy === 0 ? true : null;
  };
  const deadline = performance.now() + busyLimitMs;
  if ((await done()) === null) await untilFree(done, deadline);
};

/**
 * Creates a missing file. Does not open an existing one: closing it would drop every lock that connections of
 * this process have on it (fcntl(2)). The next program to open the database would then remove the log to
 * which this process still writes.
 */
const createFile = (path: string): void => {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
};

/** Suffixes of the files that SQLite keeps next to a database. */
const suffixes: readonly string[] = ["-wal", "-shm", "-journal"];

/**
 * The first of a database's files that is not a regular file; null if all are. SQLite would open a pipe and
 * block the process forever. This check opens nothing. The database itself may be a link, its log files may
 * not.
 */
const oddFileOf = (path: string): string | null => {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return null;
  if (!there.isFile()) return path;
  const real = realpathSync(path);
  return suffixes.map((suffix) => `${real}${suffix}`).find(isOdd) ?? null;
};

const isOdd = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === false;

const oddDetail = (path: string, odd: string): string =>
  odd === path ? "it is not a regular file" : `${odd} is not a regular file`;

const openToRead = <T>(path: string, connect: Connect): Sqlite<T> =>
  sqlite<T>(path, { connect, database: connectToRead(path, connect, busyLimitMs) }, async () => undefined);

const sqlite = <T>(
  path: string,
  { connect, database }: { readonly connect: Connect; readonly database: Libsql.Database },
  settle: (db: Kysely<T>) => Promise<unknown>,
): Sqlite<T> => {
  const port = sqlitePort(database);
  const db = new Kysely<T>({ dialect: sqliteDialect(port, lockOf(database)) });
  const reading = readingOn<T>(() => {
    if (!database.open) throw new Error("the database is closed");
    return connectToRead(path, connect, readerTimeout);
  });
  return {
    db,
    reading,
    close: async () => {
      try {
        // The query is queued behind an open transaction.
        if (database.open) await settle(db);
      } finally {
        await reading.destroy();
        await db.destroy();
        // Kysely closes only a connection that was used.
        port.close();
      }
    },
  };
};

const lockOf = (database: Libsql.Database): WriteLock => ({
  isHeld: () => database.inTransaction,
  exec: (statement) => database.exec(statement),
});

type Connect = (address: string, timeout: number) => Libsql.Database;

const connectBy =
  (SqliteDriver: Driver): Connect =>
  (address, timeout) => {
    const database = new SqliteDriver(address);
    database.exec(`pragma busy_timeout = ${timeout}`);
    return database;
  };

const connectToRead = (path: string, connect: Connect, timeout: number): Libsql.Database => {
  const database = connect(`${pathToFileURL(path).href}?mode=ro`, timeout);
  // Opening reads nothing. This query fails on a file that is not a database.
  database.prepare("select count(*) from sqlite_schema").get();
  return database;
};

/** libsql 0.5.29 has SQLite's code for a failed statement, but only a text for a failed opening. */
const openError = (file: string, error: unknown): SqliteOpenError => {
  if (!(error instanceof Error)) throw error;
  if ("code" in error && error.code === "SQLITE_NOTADB") return { code: "not-a-database", file };
  // The error of libsql 0.5.29 for a file that it cannot open has an empty code.
  const hasReason = "code" in error && error.code !== "";
  const detail = hasReason ? error.message : (accessError(file) ?? error.message);
  return { code: "database-unusable", file, detail };
};

/** The system's reason why this account cannot read a file: `EACCES: permission denied, access '...'`. Null if there is none. */
const accessError = (file: string): string | null => {
  try {
    accessSync(file, constants.R_OK);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : null;
  }
};
