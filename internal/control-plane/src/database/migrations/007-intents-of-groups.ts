import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";

/**
 * The group within whose reach an intent was asked for, so that its agents can look up the outcome. No foreign
 * key: an intent outlives its group. Intents of before belong to no group.
 */
export const intentsOfGroups: Migration = {
  version: 7,
  name: "intents-of-groups",
  up: async (db) => {
    await db.schema.alterTable("intents").addColumn("agent_group_id", "text").execute();
    await addIndex(db, "intents", ["created_at", "id"]);
    await addIndex(db, "intents", ["agent_group_id", "created_at", "id"]);
  },
};
