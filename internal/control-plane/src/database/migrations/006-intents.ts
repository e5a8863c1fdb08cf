import { sql } from "kysely";
import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";

/**
 * Work that acts ask the host to do, and its outcome. The index finds open intents, and old ones that can be
 * deleted.
 */
export const intents: Migration = {
  version: 6,
  name: "intents",
  up: async (db) => {
    await db.schema
      .createTable("intents")
      .addColumn("id", "text", (id) => id.primaryKey().notNull())
      .addColumn("kind", "text", (kind) => kind.notNull())
      .addColumn("command", "text", (command) => command.notNull())
      .addColumn("asked_by", "text", (actor) => actor.notNull())
      .addColumn("payload", "text", (payload) => payload.notNull())
      .addColumn("created_at", "text", (at) => at.notNull())
      .addColumn("outcome", "text")
      .addColumn("done_at", "text")
      .addCheckConstraint("intents_outcome", sql<boolean>`(outcome is null) = (done_at is null)`)
      .execute();
    await addIndex(db, "intents", ["done_at", "created_at", "id"]);
  },
};
