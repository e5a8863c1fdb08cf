import type { Kysely } from "kysely";

/** Does the work in the caller's transaction, or in a new one. */
export const inTransaction = <Tables, T>(
  db: Kysely<Tables>,
  work: (transaction: Kysely<Tables>) => Promise<T>,
): Promise<T> => (db.isTransaction ? work(db) : db.transaction().execute(work));
