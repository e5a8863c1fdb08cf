import {
  sql,
  type DeleteQueryBuilder,
  type DeleteResult,
  type Kysely,
  type SelectQueryBuilder,
} from "kysely";
import type { Signature } from "@nc/cli-scope";
import type { WaitingApproval, WaitingApprovals } from "@gatehouse/std";
import { databaseTime, type CentralTables } from "@gatehouse/central-database";
import { forgetUntil, type ClockAndIds } from "@gatehouse/command-context";
import { tell } from "./answer.ts";
import { harmless } from "./approval-row.ts";
import { cardOf } from "./card.ts";
import { approverRoles, concernedBy } from "./approvers.ts";
import { questionText } from "./kinds.ts";
import { askedUserId } from "./questions.ts";

/** Maximum number of rows that are read. */
const most = 1_000;

/**
 * The approvals that can be answered now, the oldest first, up to a bound. `commands` are all commands,
 * `now` is ISO 8601 in UTC.
 */
export const waitingApprovals = async (
  db: Kysely<CentralTables>,
  commands: readonly Signature[],
  now: string,
): Promise<WaitingApprovals> => {
  const pending = db
    .selectFrom("pending_approvals")
    .where("status", "=", "pending")
    .where("expires_at", ">", now);
  const rows = await pending
    .leftJoin("agent_groups", "agent_groups.id", "pending_approvals.agent_group_id")
    .selectAll("pending_approvals")
    .select("agent_groups.name as group_name")
    .orderBy("pending_approvals.created_at")
    .orderBy("approval_id")
    .limit(most)
    .execute();
  const waiting: WaitingApproval[] = [];
  for (const row of rows) {
    const people = await approverRoles(db, await concernedBy(db, row, commands))
      .distinct()
      .orderBy("user_id")
      .execute();
    const asked = row.kind === "question" ? await askedUserId(db, row.approval_id) : null;
    const group = row.group_name ?? row.agent_group_id;
    waiting.push({
      kind: row.kind,
      group: group === null ? null : harmless(group),
      asks: questionText(row, group ?? ""),
      card: await cardOf(db, row),
      since: row.created_at,
      until: row.expires_at,
      mayAnswer: [...new Set([...(asked === null ? [] : [asked]), ...people.map(({ user_id: id }) => id)])],
    });
  }
  return { approvals: waiting, more: rows.length < most ? 0 : (await countOf(pending)) - most };
};

const countOf = async (pending: SelectQueryBuilder<CentralTables, "pending_approvals", object>) => {
  const { count } = await pending.select((eb) => eb.fn.countAll().as("count")).executeTakeFirstOrThrow();
  return Number(count);
};

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
  for (const approval of over) {
    const text = `No person answered your request "${approval.command}" in time. Ask again if you still need it.`;
    await tell(db, clock, approval, { status: "expired", text });
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

/** Deletes approvals that were answered long before `now`. Pending approvals stay. */
export const forgetOldApprovals = (
  db: Kysely<CentralTables>,
  now: string,
): DeleteQueryBuilder<CentralTables, "pending_approvals", DeleteResult> =>
  db.deleteFrom("pending_approvals").where("answered_at", "<=", forgetUntil(now));
