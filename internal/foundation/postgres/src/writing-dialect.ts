import { setTimeout as pause } from "node:timers/promises";
import { CompiledQuery, type Dialect, type Driver, type PostgresPool } from "kysely";
import { transactionLock } from "./host-lock.ts";
import { OwnSchemaDialect } from "./own-schema-dialect.ts";
import { transactionMark, type TransactionMark } from "./transaction-status.ts";
import { postgresTrouble, trouble } from "./trouble.ts";

export type WritingOptions = {
  readonly statusOf: StatusOf;
  readonly patienceMs: number;
  /** Other hosts write too: a transaction waits for theirs. */
  readonly isShared: boolean;
};

/** Asks the server, on another session, how a transaction ended. */
type StatusOf = (mark: TransactionMark) => Promise<string | null>;

/** Pause between two requests, ms. */
const betweenMs = 50;

/**
 * Kysely's dialect with certain commits: if a connection is cut off during a commit, the server is asked for
 * the outcome, for up to `patienceMs`.
 */
export const writingDialect = (pool: PostgresPool, options: WritingOptions): Dialect =>
  new WritingDialect(pool, options);

class WritingDialect extends OwnSchemaDialect {
  readonly #options: WritingOptions;

  constructor(pool: PostgresPool, options: WritingOptions) {
    super({ pool });
    this.#options = options;
  }

  override createDriver(): Driver {
    const { statusOf, patienceMs, isShared } = this.#options;
    const driver = super.createDriver();
    const begin = driver.beginTransaction.bind(driver);
    const commit = driver.commitTransaction.bind(driver);
    const rollback = driver.rollbackTransaction.bind(driver);
    if (isShared)
      driver.beginTransaction = async (connection, settings) => {
        await begin(connection, settings);
        try {
          await connection.executeQuery(CompiledQuery.raw(transactionLock));
        } catch (error) {
          // Kysely rolls back only transactions whose begin succeeded.
          await driver.rollbackTransaction(connection);
          throw error;
        }
      };
    driver.commitTransaction = async (connection) => {
      const mark = await transactionMark(connection);
      try {
        await commit(connection);
      } catch (error) {
        if (mark === null || !isAway(error)) throw error;
        if (!(await wasCommitted(statusOf, mark, patienceMs))) throw error;
      }
    };
    driver.rollbackTransaction = async (connection) => {
      try {
        await rollback(connection);
      } catch (error) {
        // The server rolls back the transaction of a session that was cut off.
        if (!isAway(error)) throw error;
      }
    };
    return driver;
  }
}

const isAway = (error: unknown): boolean => postgresTrouble(error)?.code === "POSTGRES_AWAY";

/** True if the transaction was committed. The status is "in progress" until the server notices the cut. */
const wasCommitted = async (
  statusOf: StatusOf,
  mark: TransactionMark,
  patienceMs: number,
): Promise<boolean> => {
  const deadline = performance.now() + patienceMs;
  let last: unknown;
  for (let left = patienceMs; left > 0; left = deadline - performance.now()) {
    try {
      const status = await orNull(statusOf(mark), left);
      if (status === "committed" || status === "aborted") return status === "committed";
    } catch (error) {
      if (postgresTrouble(error) === null) throw error;
      last = error;
    }
    await pause(betweenMs);
  }
  throw trouble("POSTGRES_UNSURE", "the connection was cut while a change was being saved", last);
};

/** Null if it takes longer than `ms`. */
const orNull = async <T>(asked: Promise<T>, ms: number): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => (timer = setTimeout(resolve, ms, null)));
  try {
    return await Promise.race([asked, late]);
  } finally {
    clearTimeout(timer);
  }
};
