import type { Kysely } from "kysely";
import type { Migration } from "../migration.ts";

/**
 * What hosts that share a database know of each other: which of them carries out an intent, which session
 * another one waits for, and where the files of all sessions are.
 */
export const severalHosts: Migration = {
  version: 12,
  name: "several-hosts",
  up: async (db) => {
    const intents = db.schema.alterTable("intents");
    await intents.addColumn("claimed_by", "text").execute();
    await intents.addColumn("claimed_until", "text").execute();
    await db.schema.alterTable("session_leases").addColumn("wanted_at", "text").execute();
    await createInstallation(db);
  },
};

/** One row, made by the first host on a server. `changes` counts commands that changed something. */
const createInstallation = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("installation")
    .addColumn("sessions_id", "text", (id) => id.primaryKey().notNull())
    .addColumn("sessions_dir", "text", (dir) => dir.notNull())
    .addColumn("changes", "integer", (count) => count.notNull().defaultTo(0))
    .execute();
