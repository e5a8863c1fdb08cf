import type { Kysely } from "kysely";
import type { Migration } from "../migration.ts";

/** The person whom an agent's CLI asks something, and the rules of CLIs that a person always allows. */
export const toolQuestions: Migration = {
  version: 21,
  name: "tool questions",
  up: async (db) => {
    await addColumn(db, "tool_requests", "asked_user_id");
    await addColumn(db, "tool_rules", "rule");
  },
};

const addColumn = (db: Kysely<unknown>, table: string, column: string): Promise<void> =>
  db.schema.alterTable(table).addColumn(column, "text").execute();
