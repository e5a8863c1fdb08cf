import { setTimeout as wait } from "node:timers/promises";
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from "kysely";

/** How long a writer waits for another process's transaction, ms. */
export const busyLimitMs = 10_000;

/** Whether SQLite said that another program has the database. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");

/** Pauses between two looks at a database that is busy, ms; the last one is repeated. As SQLite's own, which hold up the process. */
const pauses: readonly number[] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/** Asks until what it gives is not null, or until the time is over. SQLite tells nobody when another process is done. */
export const untilFree = async <T>(ask: () => Promise<T | null>, deadline: number): Promise<T | null> => {
  for (let count = 0; performance.now() < deadline; count += 1) {
    await wait(pauses[Math.min(count, pauses.length - 1)]);
    const given = await ask();
    if (given !== null) return given;
  }
  return null;
};

/** The write lock of a database, through its driver. */
export type WriteLock = {
  /** Whether a transaction is open. */
  readonly isHeld: () => boolean;
  readonly exec: (sql: "begin immediate" | "commit" | "rollback") => unknown;
};

/**
 * Waits for another process's transaction without holding up this one, where SQLite's own busy timeout would: reads on another
 * connection, timers and sockets go on. The time counts from when the connection was asked for, so that of many writers who stand
 * in line none waits longer than the first.
 *
 * No statement is run that could find the database busy. In libsql 0.5.29 one that did stays in progress until it is run again or
 * collected, and no transaction of the connection can be committed until then ("SQL statements in progress"). So the lock is taken
 * first, also for a single write, by `exec`, which leaves nothing behind.
 */
export const waitingWhileBusy = (driver: Driver, lock: WriteLock): Driver => {
  const deadlines = new WeakMap<DatabaseConnection, number>();
  const acquire = driver.acquireConnection.bind(driver);
  const begin = driver.beginTransaction.bind(driver);
  driver.acquireConnection = async () => {
    const deadline = performance.now() + busyLimitMs;
    const patient = lockingFirst(await acquire(), deadline, lock);
    deadlines.set(patient, deadline);
    return patient;
  };
  driver.beginTransaction = (connection, settings) =>
    settings.accessMode === "read only"
      ? begin(connection, settings)
      : taken(lock, deadlines.get(connection) ?? performance.now());
  return driver;
};

/** What changes rows or tables; not what cannot be part of a transaction, such as a pragma or a vacuum. */
const writes =
  /^\s*(?:insert|update|delete|replace|create|alter|drop|with\b[^]*\b(?:insert|update|delete))\b/i;

const lockingFirst = (
  connection: DatabaseConnection,
  deadline: number,
  lock: WriteLock,
): DatabaseConnection => ({
  streamQuery: (...args) => connection.streamQuery(...args),
  executeQuery: async <R>(query: CompiledQuery): Promise<QueryResult<R>> => {
    if (lock.isHeld() || !writes.test(query.sql)) return connection.executeQuery<R>(query);
    await taken(lock, deadline);
    try {
      const result = await connection.executeQuery<R>(query);
      lock.exec("commit");
      return result;
    } finally {
      // A commit that fails on a full disk has rolled back already.
      if (lock.isHeld()) lock.exec("rollback");
    }
  },
});

const taken = async (lock: WriteLock, deadline: number): Promise<void> => {
  let busy: unknown;
  const take = (): Promise<true | null> => {
    try {
      lock.exec("begin immediate");
      return Promise.resolve(true);
    } catch (error) {
      if (!isBusy(error)) throw error;
      busy = error;
      return Promise.resolve(null);
    }
  };
  if ((await take()) === null && (await untilFree(take, deadline)) === null) throw busy;
};
