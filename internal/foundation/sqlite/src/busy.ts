import { setTimeout as wait } from "node:timers/promises";
import type { CompiledQuery, DatabaseConnection, Driver, QueryResult } from "kysely";

/** How long a writer waits for another process's transaction, ms. */
export const busyLimitMs = 10_000;

/** True if a call failed because another program held the database. */
export const isBusy = (error: unknown): boolean =>
  error instanceof Error && "code" in error && String(error.code).startsWith("SQLITE_BUSY");

/**
 * Pauses between two attempts, ms; the last one is repeated. SQLite waits the same times, but blocks the
 * process.
 */
const pauses: readonly number[] = [1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50, 100];

/**
 * Repeats `ask` until its result is not null or the deadline has passed. SQLite sends no event when another
 * process is done.
 */
export const untilFree = async <T>(ask: () => Promise<T | null>, deadline: number): Promise<T | null> => {
  for (let count = 0; performance.now() < deadline; count += 1) {
    await wait(pauses[Math.min(count, pauses.length - 1)]);
    const result = await ask();
    if (result !== null) return result;
  }
  return null;
};

/** The write lock of a database, through its driver. */
export type WriteLock = {
  /** True while a transaction is open. */
  readonly isHeld: () => boolean;
  readonly exec: (sql: "begin immediate" | "commit" | "rollback") => unknown;
};

/**
 * Waits for another process's transaction without blocking this process, unlike SQLite's busy timeout: reads
 * on another connection, timers and sockets continue. The time counts from the request for the connection, so
 * no queued writer waits longer than the first one.
 *
 * A prepared statement must never fail with SQLITE_BUSY. In libsql 0.5.29 it then stays in progress until it is
 * run again or collected, and until then the connection can commit nothing ("SQL statements in progress"). So
 * every write first takes the lock with `exec("begin immediate")`, which keeps no prepared statement.
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

/** Statements that change rows or tables. A pragma or a vacuum cannot be part of a transaction. */
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
      // A commit that fails on a full disk has already rolled back.
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
