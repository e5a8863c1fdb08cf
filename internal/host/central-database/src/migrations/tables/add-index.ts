import type { Kysely } from "kysely";

/** Adds an index that is named after its table and columns. */
export const addIndex = (db: Kysely<unknown>, table: string, columns: readonly string[]): Promise<void> =>
  db.schema
    .createIndex([table, ...columns].join("_"))
    .on(table)
    .columns([...columns])
    .execute();
