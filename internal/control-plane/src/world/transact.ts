import { sql, type Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";
import type { Result } from "@gatehouse/std";
import { hookList, type TransactionHooks, type HookList } from "./transaction-hooks.ts";

/** What is done in a transaction. */
export type Work<T, E> = (
  transaction: Kysely<CentralTables>,
  hooks: TransactionHooks,
) => Promise<Result<T, E>>;

/** Runs in one transaction: commits if the result is ok, else rolls back, also if it throws. */
export const inTransaction = async <T, E>(
  db: Kysely<CentralTables>,
  work: Work<T, E>,
): Promise<Result<T, E>> => {
  const hooks = hookList();
  const transaction = await db.startTransaction().execute();
  const undo = undoing(() => transaction.rollback().execute(), hooks);
  const result = await orElse(work(transaction, hooks), undo);
  if (!result.ok) {
    await undo();
    return result;
  }
  await orElse(transaction.commit().execute(), undo);
  await hooks.committed();
  return result;
};

/** The same inside a transaction: rolled back alone, and committed with the outer one. */
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
  const result = await orElse(work(transaction, hooks), undo);
  if (!result.ok) {
    await undo();
    return result;
  }
  await sql`release savepoint command`.execute(transaction);
  hooks.handTo(outer);
  return result;
};

/** Rolls back, then runs the hooks even if the rollback fails. */
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
 * Rethrows after `undo`. An error of `undo` itself is dropped: on a full disk SQLite rolls the whole
 * transaction back by itself, and then `undo` fails with "no such savepoint".
 */
const orElse = async <T>(done: Promise<T>, undo: () => Promise<void>): Promise<T> => {
  try {
    return await done;
  } catch (error) {
    await undo().catch(() => undefined);
    throw error;
  }
};
