import type { Kysely } from "kysely";
import type { CentralTables } from "../database/tables.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { deliver } from "./deliver.ts";
import { isOfAgent } from "./kinds/index.ts";

/** Expires approvals whose time is over, and tells their sessions. Returns how many. */
export const expireApprovals = async (db: Kysely<CentralTables>, clock: ClockAndIds): Promise<number> => {
  const now = clock.now();
  const over = await db
    .updateTable("pending_approvals")
    .set({ status: "expired", answered_at: now, args: "{}" })
    .where("status", "=", "pending")
    .where("expires_at", "<=", now)
    .returning(["approval_id", "session_id", "command", "kind"])
    .execute();
  for (const { approval_id: approvalId, session_id, command, kind } of over) {
    if (!isOfAgent(kind)) continue;
    const text = `Nobody answered your request "${command}" in time. Ask again if you still need it.`;
    await deliver(db, clock, session_id, { type: "cli_response", approvalId, status: "expired", text });
  }
  return over.length;
};
