import { chmodSync, closeSync, existsSync, openSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { Kysely, sql } from "kysely";
import Libsql from "libsql";
import type { Result } from "@gatehouse/std";
import { busyLimitMs, untilFree, type WriteLock } from "./busy.ts";
import { oddFileOf } from "./odd-file.ts";
import type { SqliteOpenError } from "./open-error.ts";
import { readingOn } from "./reading.ts";
import { sqliteDialect } from "./sqlite-dialect.ts";
import { sqlitePort } from "./sqlite-port.ts";

/** An open SQLite file. */
export type Sqlite<T> = {
  readonly db: Kysely<T>;
  /**
   * A connection of its own that only reads. It sees what is committed, waits for no transaction of `db`, and
   * a write through it fails. It is opened by its first query.
   */
  readonly reading: Kysely<T>;
  /**
   * Waits for an open transaction, then moves the write-ahead log into the file. Throws SQLite's error where
   * that fails (a full disk); everything is closed then too, and no commit is lost.
   */
  readonly close: () => Promise<void>;
};

export type SqliteOptions = {
  /** The file has to exist, and is not changed. */
  readonly readOnly?: boolean;
  /** Each commit is on the disk before it is acknowledged: a power cut takes none of them back. */
  readonly isDurable?: boolean;
};

/**
 * How long a read may wait, ms. It blocks the process, and only happens while another connection recovers the
 * log after a crash: writers never block readers.
 */
const readerTimeout = 50;

/**
 * Opens a SQLite file with write-ahead log and foreign keys; creates it with mode 0600 if it is missing. A
 * commit survives the end of the process. A power cut may lose the last commits, whole, unless it is opened as durable:
 * waiting for the disk at each commit took 1.6 ms instead of 0.03. What is deleted is overwritten.
 */
export const openSqlite = async <T>(
  file: string,
  options: SqliteOptions = {},
): Promise<Result<Sqlite<T>, SqliteOpenError>> => {
  const path = resolve(file);
  try {
    const odd = oddFileOf(path);
    if (odd !== null)
      return { ok: false, error: { code: "database-unusable", file: path, detail: oddDetail(path, odd) } };
    return {
      ok: true,
      value: options.readOnly === true ? openToRead<T>(path) : openToWrite<T>(path, options),
    };
  } catch (error) {
    return { ok: false, error: openError(path, error) };
  }
};

const openToWrite = <T>(path: string, { isDurable = false }: SqliteOptions): Sqlite<T> => {
  createFile(path);
  chmodSync(path, 0o600);
  const database = connect(path, busyLimitMs);
  database.exec("pragma journal_mode = wal; pragma foreign_keys = on");
  database.exec(`pragma synchronous = ${isDurable ? "full" : "normal"}`);
  // Deleted texts are overwritten: else they stay in free pages of the file.
  database.exec("pragma secure_delete = on");
  // From here on the driver waits (busy.ts): SQLite's own timeout would block the process.
  database.exec("pragma busy_timeout = 0");
  return sqlite<T>(path, database, checkpoint);
};

/** Moves the log into the file. What another process still reads stays in the log. */
const checkpoint = async <T>(db: Kysely<T>): Promise<void> => {
  const done = async (): Promise<true | null> => {
    const { rows } = await sql<{ busy: number }>`pragma wal_checkpoint(truncate)`.execute(db);
    return rows[0]?.busy === 0 ? true : null;
  };
  const deadline = performance.now() + busyLimitMs;
  if ((await done()) === null) await untilFree(done, deadline);
};

/**
 * Does not open an existing file: closing it would drop every lock that connections of this process have on
 * it (fcntl(2)). The next program to open the database would then remove the log that this process still
 * writes to.
 */
const createFile = (path: string): void => {
  if (!existsSync(path)) closeSync(openSync(path, "a", 0o600));
};

const oddDetail = (path: string, odd: string): string =>
  odd === path ? "it is no file" : `${odd} is no file`;

const openToRead = <T>(path: string): Sqlite<T> =>
  sqlite<T>(path, connectToRead(path, busyLimitMs), async () => undefined);

const sqlite = <T>(
  path: string,
  database: Libsql.Database,
  settle: (db: Kysely<T>) => Promise<unknown>,
): Sqlite<T> => {
  const port = sqlitePort(database);
  const db = new Kysely<T>({ dialect: sqliteDialect(port, lockOf(database)) });
  const reading = readingOn<T>(() => {
    if (!database.open) throw new Error("the database is closed");
    return connectToRead(path, readerTimeout);
  });
  return {
    db,
    reading,
    close: async () => {
      try {
        // The query waits for its turn, so it comes after an open transaction.
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

const connect = (address: string, timeout: number): Libsql.Database => {
  const database = new Libsql(address);
  database.exec(`pragma busy_timeout = ${timeout}`);
  return database;
};

const connectToRead = (path: string, timeout: number): Libsql.Database => {
  const database = connect(`${pathToFileURL(path).href}?mode=ro`, timeout);
  // Opening reads nothing. This query fails on a file that is no database.
  database.prepare("select count(*) from sqlite_schema").get();
  return database;
};

/** libsql 0.5.29 gives SQLite's code for a failed statement, and only a text for a failed opening. */
const openError = (file: string, error: unknown): SqliteOpenError => {
  if (!(error instanceof Error)) throw error;
  if ("code" in error && error.code === "SQLITE_NOTADB") return { code: "not-a-database", file };
  return { code: "database-unusable", file, detail: error.message };
};
