import { sql, type Kysely } from "kysely";
import { databaseTime, type CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import { deliver, toolAnswered } from "./deliver.ts";
import { isOfAgent, isOfTool } from "./kinds/index.ts";

/**
 * Expires approvals whose time is over, and tells their sessions. Approvals of a session that another host
 * leases are left to that host, so a host that was stopped for longer than its lease does not touch them.
 * Returns the number of expired approvals. Call it within a transaction: a server ends the transaction of a
 * host that is stopped in it. `ownPrefix`: the start of the names of this host and its earlier processes.
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
      eb.or([eb("session_id", "is", null), eb("session_id", "not in", leasedByOthers(db, ownPrefix))]),
    )
    .returning(["approval_id", "session_id", "command", "kind"])
    .execute();
  for (const { approval_id: approvalId, session_id, command, kind } of over) {
    if (session_id === null) continue;
    if (isOfTool(kind)) await deliver(db, clock, session_id, { type: toolAnswered, approvalId });
    if (!isOfAgent(kind)) continue;
    const text = `Nobody answered your request "${command}" in time. Ask again if you still need it.`;
    await deliver(db, clock, session_id, { type: "cli_response", approvalId, status: "expired", text });
  }
  return over.length;
};

/** Leases of this host's earlier processes do not count. The prefix is empty for the only host of a file. */
const leasedByOthers = (db: Kysely<CentralTables>, ownPrefix: string) =>
  db
    .selectFrom("session_leases")
    .select("session_leases.session_id")
    .where(sql<string>`substr(owner, 1, ${ownPrefix.length})`, "!=", ownPrefix)
    .where("session_leases.expires_at", ">", databaseTime(db));
