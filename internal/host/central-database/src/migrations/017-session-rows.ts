import { sql, type Kysely } from "kysely";
import { createFirstSessionTables } from "@nc/session-db/node";
import type { Migration } from "../migration.ts";

/**
 * Rows for messages of sessions, values that agents keep, and tokens of running containers. Before, each
 * session had these in files. Also adds `wanted_for`: why a host asks for a session.
 */
export const sessionRows: Migration = {
  version: 17,
  name: "session-rows",
  up: async (db) => {
    await createFirstSessionTables(db);
    await db.schema.alterTable("session_leases").addColumn("wanted_for", "text").execute();
    await countChangesOnly(db);
  },
};

/**
 * Makes the table `installation` anew, with at most one row. Its older form named a folder that hosts shared.
 */
const countChangesOnly = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema.dropTable("installation").ifExists().execute();
  await db.schema
    .createTable("installation")
    .addColumn("id", "integer", (id) => id.primaryKey().notNull())
    .addColumn("changes", "integer", (count) => count.notNull())
    .addCheckConstraint("installation_one", sql`id = 1`)
    .execute();
};
