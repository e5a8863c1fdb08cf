import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";

/**
 * The effect that a command would have had, beside its arguments. And an index of approvals by the time of
 * their answer, so that old ones can be deleted.
 */
export const approvalsShownWhole: Migration = {
  version: 5,
  name: "approvals-shown-whole",
  up: async (db) => {
    await db.schema.alterTable("pending_approvals").addColumn("consequence", "text").execute();
    await addIndex(db, "pending_approvals", ["answered_at"]);
  },
};
