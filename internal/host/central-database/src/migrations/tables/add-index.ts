import { sql, type Kysely } from "kysely";

/** Adds an index that is named after its table and columns. */
export const addIndex = (db: Kysely<unknown>, table: string, columns: readonly string[]): Promise<void> =>
  db.schema
    .createIndex([table, ...columns].join("_"))
    .on(table)
    .columns([...columns])
    .execute();

/** Finds the messages of an inbox that wait for a person's answer, among many that do not. */
export const addWaitsIndex = (db: Kysely<unknown>, table: string): Promise<void> =>
  db.schema
    .createIndex(`${table}_waits_for`)
    .on(table)
    .column("waits_for")
    .where(sql<boolean>`waits_for is not null`)
    .execute();
