import { sql, type Kysely } from "kysely";
import type { Migration } from "./migration.ts";
import { migrations } from "./migrations/index.ts";

/** Rows that each slow step leaves in its table. */
export const rowsOfStep = 100;

/** How many slow steps there are. */
export const slow = 5;

/** The present schema, and five more steps that take their time: a table each, filled row by row. */
export const slowSteps: readonly Migration[] = [
  ...migrations,
  ...Array.from({ length: slow }, (_, number): Migration => ({
    version: migrations.length + 1 + number,
    name: `slow-${number}`,
    up: (db) => fill(db, `slow_${number}`),
  })),
];

const fill = async (db: Kysely<unknown>, table: string): Promise<void> => {
  await db.schema.createTable(table).addColumn("text", "text").execute();
  for (let row = 0; row < rowsOfStep; row++)
    await sql`insert into ${sql.table(table)} values (${"x".repeat(500)})`.execute(db);
};
