import { sql, type Kysely } from "kysely";
import type { Migration } from "./migration.ts";
import { migrations, newestVersion } from "./migrations/index.ts";

/** Number of rows that each slow step writes into its table. */
export const rowsOfStep = 100;

/** Number of slow steps. */
export const slow = 5;

/** The present schema, and five slow steps: each makes a table and fills it row by row. */
export const slowSteps: readonly Migration[] = [
  ...migrations,
  ...Array.from({ length: slow }, (_, number): Migration => ({
    version: newestVersion + 1 + number,
    name: `slow-${number}`,
    up: (db) => fill(db, `slow_${number}`),
  })),
];

const fill = async (db: Kysely<unknown>, table: string): Promise<void> => {
  await db.schema.createTable(table).addColumn("text", "text").execute();
  for (let row = 0; row < rowsOfStep; row++)
    await sql`insert into ${sql.table(table)} values (${"x".repeat(500)})`.execute(db);
};
