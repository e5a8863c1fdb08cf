import { sql, type Kysely } from "kysely";
import { databaseTime } from "../database/database-time.ts";
import type { CentralTables } from "../database/tables.ts";
import type { ClockAndIds } from "../world/clock-and-ids.ts";
import { deliver } from "./deliver.ts";
import { isOfAgent } from "./kinds/index.ts";

/**
 * Expires approvals whose time is over, and tells their sessions. Those of a session that another host holds
 * are that one's: a host that was stopped for longer than its lease leaves them alone. Returns how many. Call
 * it within a transaction, which a server ends for a host that is stopped in it. `ownPrefix`: how the names of
 * this host and its earlier processes begin.
 */
export const expireApprovals = async (
  db: Kysely<CentralTables>,
  clock: ClockAndIds,
  ownPrefix: string,
): Promise<number> => {
  const now = clock.now();
  const over = await db
    .updateTable("pending_approvals")
    .set({ status: "expired", answered_at: now, args: "{}" })
    .where("status", "=", "pending")
    .where("expires_at", "<=", now)
    .where((eb) =>
      eb.or([eb("session_id", "is", null), eb("session_id", "not in", heldByOthers(db, ownPrefix))]),
    )
    .returning(["approval_id", "session_id", "command", "kind"])
    .execute();
  for (const { approval_id: approvalId, session_id, command, kind } of over) {
    if (!isOfAgent(kind) || session_id === null) continue;
    const text = `Nobody answered your request "${command}" in time. Ask again if you still need it.`;
    await deliver(db, clock, session_id, { type: "cli_response", approvalId, status: "expired", text });
  }
  return over.length;
};

/** An earlier process of this host is gone, and holds nothing. The one host of a file has no prefix, nor others. */
const heldByOthers = (db: Kysely<CentralTables>, ownPrefix: string) =>
  db
    .selectFrom("session_leases")
    .select("session_leases.session_id")
    .where(sql<string>`substr(owner, 1, ${ownPrefix.length})`, "!=", ownPrefix)
    .where("session_leases.expires_at", ">", databaseTime(db));
