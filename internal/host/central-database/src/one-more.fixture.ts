import { sql, type Migration } from "kysely";
import { migrations, type Migrations } from "./migrations/index.ts";

/** Number of rows that the added migration writes. */
export const rowsOfOneMore = 100;

/** A migration that takes a while: it makes a table and fills it row by row. */
const oneMore: Migration = {
  up: async (db) => {
    await db.schema.createTable("one_more").addColumn("text", "text").execute();
    for (let row = 0; row < rowsOfOneMore; row++)
      await sql`insert into one_more values (${"x".repeat(500)})`.execute(db);
  },
};

/** The schema version of this build. */
export const present: number = Math.max(...Object.keys(migrations).map((name) => Number.parseInt(name, 10)));

/** The schema version of the later build. */
export const later = 900;

/** The migrations of a later build. */
export const withOneMore: Migrations = { ...migrations, [`${later}-one-more`]: oneMore };
