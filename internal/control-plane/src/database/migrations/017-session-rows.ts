import { sql, type Kysely } from "kysely";
import { createSessionTables } from "@nc/session-db/node";
import type { Migration } from "../migration.ts";

/**
 * Messages of sessions, what agents keep, and the tokens of what runs: they were files of each session before. And why a
 * host asks for a session.
 */
export const sessionRows: Migration = {
  version: 17,
  name: "session-rows",
  up: async (db) => {
    await createSessionTables(db);
    await db.schema.alterTable("session_leases").addColumn("wanted_for", "text").execute();
    await countChangesOnly(db);
  },
};

/** The folder that hosts shared is gone. At most one row. */
const countChangesOnly = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.dropTable("installation").execute();
  await db.schema
    .createTable("installation")
    .addColumn("id", "integer", (id) => id.primaryKey().notNull())
    .addColumn("changes", "integer", (count) => count.notNull())
    .addCheckConstraint("installation_one", sql`id = 1`)
    .execute();
};
