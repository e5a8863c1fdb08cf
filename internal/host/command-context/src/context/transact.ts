import { sql, type Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { Result } from "@gatehouse/std";
import { hookList, type TransactionHooks, type HookList } from "./transaction-hooks.ts";

/** The work of a transaction. A result that is not ok rolls the transaction back. */
export type Work<T, E> = (
  transaction: Kysely<CentralTables>,
  hooks: TransactionHooks,
) => Promise<Result<T, E>>;

/**
 * Runs `work` in one transaction. Commits if the result is ok; rolls back if it is not, or if `work` throws.
 */
export const inTransaction = async <T, E>(
  db: Kysely<CentralTables>,
  work: Work<T, E>,
): Promise<Result<T, E>> => {
  const hooks = hookList();
  const transaction = await db.startTransaction().execute();
  const undo = undoing(() => transaction.rollback().execute(), hooks);
  const result = await undoOnError(work(transaction, hooks), undo);
  if (!result.ok) {
    await undo();
    return result;
  }
  await undoOnError(transaction.commit().execute(), undo);
  await hooks.committed();
  return result;
};

/** Runs `work` in a savepoint. It is rolled back alone, and committed with the outer transaction. */
export const inSavepoint = async <T, E>(
  transaction: Kysely<CentralTables>,
  outer: TransactionHooks,
  work: Work<T, E>,
): Promise<Result<T, E>> => {
  const hooks = hookList();
  await sql`savepoint command`.execute(transaction);
  const undo = undoing(async () => {
    await sql`rollback to savepoint command`.execute(transaction);
    await sql`release savepoint command`.execute(transaction);
  }, hooks);
  const result = await undoOnError(work(transaction, hooks), undo);
  if (!result.ok) {
    await undo();
    return result;
  }
  await sql`release savepoint command`.execute(transaction);
  hooks.handTo(outer);
  return result;
};

/** Returns a function that rolls back, and then runs the hooks even if the rollback failed. */
const undoing =
  (rollBack: () => Promise<void>, { undone }: HookList) =>
  async (): Promise<void> => {
    try {
      await rollBack();
    } finally {
      await undone();
    }
  };

/**
 * Waits for `done`. If it rejects, runs `undo` and rethrows. An error of `undo` itself is dropped: on a full
 * disk SQLite rolls back the whole transaction by itself, and then `undo` fails with "no such savepoint".
 */
const undoOnError = async <T>(done: Promise<T>, undo: () => Promise<void>): Promise<T> => {
  try {
    return await done;
  } catch (error) {
    await undo().catch(() => undefined);
    throw error;
  }
};
