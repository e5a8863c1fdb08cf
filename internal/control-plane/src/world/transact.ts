import { sql, type Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";
import type { Result } from "@gatehouse/std";
import { hookList, type TransactionHooks, type HookList } from "./transaction-hooks.ts";

type Work<T, E> = (transaction: Kysely<CentralTables>, hooks: TransactionHooks) => Promise<Result<T, E>>;

/** Runs in one transaction: committed if the result is ok, undone if it is not or if something was thrown. */
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

/** The same inside a transaction: undone by itself, and committed with the whole. */
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

/** Takes the database back, and whatever is to follow that, also where the database says that it cannot be. */
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
 * What was thrown is thrown on, after `undo`. What `undo` throws is not the reason: on a full disk SQLite takes a whole
 * transaction back by itself, and then there is "no such savepoint".
 */
const orElse = async <T>(done: Promise<T>, undo: () => Promise<void>): Promise<T> => {
  try {
    return await done;
  } catch (error) {
    await undo().catch(() => undefined);
    throw error;
  }
};
