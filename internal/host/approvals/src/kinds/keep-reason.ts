import type { ApprovalKind } from "./approval-kind.ts";

/** Keeps the words of the person who refused, for the agent. */
export const keepReason: ApprovalKind["refuse"] = async (db, { approval_id: id }, _at, reason) => {
  await db
    .updateTable("pending_approvals")
    .set({ result: JSON.stringify(reason === undefined ? {} : { reason }) })
    .where("approval_id", "=", id)
    .execute();
};
