import type { Migration } from "../migration.ts";
import { addIndex } from "./add-index.ts";

/** What a command would have done, beside its arguments; and approvals by when they were answered, so that old ones can go. */
export const approvalsShownWhole: Migration = {
  version: 5,
  name: "approvals-shown-whole",
  up: async (db) => {
    await db.schema.alterTable("pending_approvals").addColumn("consequence", "text").execute();
    await addIndex(db, "pending_approvals", ["answered_at"]);
  },
};
