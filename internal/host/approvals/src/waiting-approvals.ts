import {
  sql,
  type DeleteQueryBuilder,
  type DeleteResult,
  type Kysely,
  type SelectQueryBuilder,
} from "kysely";
import type { Signature } from "@nc/cli-scope";
import { wordsInOrder, type WaitingApproval, type WaitingApprovals } from "@gatehouse/std";
import { databaseTime, type ApprovalRow, type CentralTables } from "@gatehouse/central-database";
import { forgetUntil, type ClockAndIds } from "@gatehouse/command-context";
import { tell } from "./answer.ts";
import { harmless } from "./approval-row.ts";
import { cardInParts } from "./card.ts";
import { chatsOf } from "./names.ts";
import { approverRoles, concernedBy, shownTo } from "./approvers.ts";
import { questionText } from "./kinds.ts";
import { askedUserId } from "./questions.ts";

/** Maximum number of approvals that are returned, and of rows that are read at once. */
const most = 1_000;

/** Whose approvals are wanted. The bound counts no others. */
export type WantedApprovals = {
  /** A person who may answer them; null for those of all people. */
  readonly userId?: string | null;
  /** The approvals of a chat: those about the group of this name, and those of its cards. */
  readonly chat?: { readonly group: string; readonly cardIds: readonly string[] };
};

/** An approval that waits, with what a page shows beside its card. */
export type AskedApproval = WaitingApproval & {
  /** The chat of the session that asked, in words; null for a request without a session of one chat. */
  readonly chat: string | null;
  /** How many of the card's last lines say what runs, or what is asked. */
  readonly decides: number;
};

/** As `WaitingApprovals`, for a page. */
export type AskedApprovals = Pick<WaitingApprovals, "more"> & {
  readonly approvals: readonly AskedApproval[];
};

/**
 * The approvals that can be answered now, the oldest first, up to a bound. `commands` are all commands, `now` is ISO 8601
 * in UTC.
 */
export const waitingApprovals = async (
  db: Kysely<CentralTables>,
  commands: readonly Signature[],
  now: string,
  wanted: WantedApprovals = {},
): Promise<AskedApprovals> => {
  const { userId = null } = wanted;
  const pending = await pendingFor(db, now, wanted);
  const approvals: AskedApproval[] = [];
  let examined = 0;
  for (let last: Approval | null = null; ;) {
    const rows: readonly Approval[] = await rowsAfter(pending, last).execute();
    const chats = await chatsOf(db, rows);
    for (const row of rows) {
      if (approvals.length === most) break;
      examined += 1;
      const mayAnswer = await answererIds(db, row, commands);
      if (userId === null || mayAnswer.includes(userId))
        approvals.push(await waitingOf(db, row, { mayAnswer, chats }));
    }
    if (approvals.length === most) return { approvals, more: (await countOf(pending)) - examined };
    last = rows.at(-1) ?? null;
    if (rows.length < most) return { approvals, more: 0 };
  }
};

/**
 * Counts the approvals that wait for a person, or for the operator (null), up to `bound`. It draws no card, so that each
 * page can show the number.
 */
export const countWaiting = async (
  db: Kysely<CentralTables>,
  commands: readonly Signature[],
  now: string,
  { userId, bound }: { readonly userId: string | null; readonly bound: number },
): Promise<number> => {
  const pending = await pendingFor(db, now, { userId });
  if (userId === null) return Math.min(bound, await countOf(pending));
  let count = 0;
  for (let last: Approval | null = null; ;) {
    const rows: readonly Approval[] = await rowsAfter(pending, last).execute();
    for (const row of rows) {
      if (count === bound) return count;
      if ((await answererIds(db, row, commands)).includes(userId)) count += 1;
    }
    last = rows.at(-1) ?? null;
    if (rows.length < most) return count;
  }
};

const pendingFor = async (db: Kysely<CentralTables>, now: string, wanted: WantedApprovals) =>
  (await shownFor(db, wanted)).where("status", "=", "pending").where("expires_at", ">", now);

/** The approvals that a person may see, whether they wait or were answered. */
export const shownFor = async (
  db: Kysely<CentralTables>,
  { userId = null, chat }: WantedApprovals,
): Promise<SelectQueryBuilder<CentralTables, "pending_approvals", object>> => {
  const shown = userId === null ? "all" : await shownTo(db, { type: "user", userId });
  const groups = db.selectFrom("agent_groups").select("id");
  return db
    .selectFrom("pending_approvals")
    .$if(chat !== undefined, (query) =>
      query.where((eb) =>
        eb.or([
          eb("agent_group_id", "in", groups.where("name", "=", chat?.group ?? "")),
          eb("approval_id", "in", chat?.cardIds ?? []),
        ]),
      ),
    )
    .$if(shown !== "all", (query) =>
      query.where((eb) =>
        eb.or([
          // A question goes to the person whose message it is about.
          eb("asked_user_id", "=", userId),
          eb("agent_group_id", "in", shown === "all" ? [] : shown),
        ]),
      ),
    );
};

type Approval = ApprovalRow & { readonly group_name: string | null };

const rowsAfter = (
  pending: SelectQueryBuilder<CentralTables, "pending_approvals", object>,
  last: Approval | null,
) =>
  pending
    .$if(last !== null, (query) =>
      query.where((eb) =>
        eb(
          eb.refTuple("pending_approvals.created_at", "approval_id"),
          ">",
          eb.tuple(last?.created_at ?? "", last?.approval_id ?? ""),
        ),
      ),
    )
    .leftJoin("agent_groups", "agent_groups.id", "pending_approvals.agent_group_id")
    .selectAll("pending_approvals")
    .select("agent_groups.name as group_name")
    .orderBy("pending_approvals.created_at")
    .orderBy("approval_id")
    .limit(most);

/** The people who may answer an approval: the one whom it asks, then those with a role. */
const answererIds = async (
  db: Kysely<CentralTables>,
  row: Approval,
  commands: readonly Signature[],
): Promise<readonly string[]> => {
  const people = await approverRoles(db, await concernedBy(db, row, commands))
    .distinct()
    .orderBy("user_id")
    .execute();
  const asked = row.kind === "question" ? await askedUserId(db, row.approval_id) : null;
  return [...new Set([...(asked === null ? [] : [asked]), ...people.map(({ user_id: id }) => id)])];
};

const waitingOf = async (
  db: Kysely<CentralTables>,
  row: Approval,
  { mayAnswer, chats }: Pick<AskedApproval, "mayAnswer"> & { readonly chats: ReadonlyMap<string, string> },
): Promise<AskedApproval> => {
  const group = row.group_name ?? row.agent_group_id;
  const { card, decides } = await cardInParts(db, row);
  return {
    kind: row.kind,
    group: group === null ? null : harmless(group),
    asks: wordsInOrder(questionText(row, group ?? "")),
    card,
    since: row.created_at,
    until: row.expires_at,
    mayAnswer,
    chat: chats.get(row.session_id ?? "") ?? null,
    decides,
  };
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
    .selectFrom("leases")
    .select("leases.name")
    .where(sql<string>`substr(owner, 1, ${ownPrefix.length})`, "!=", ownPrefix)
    .where("leases.expires_at", ">", databaseTime(db));

/** Deletes approvals that were answered long before `now`. Pending approvals stay. */
export const forgetOldApprovals = (
  db: Kysely<CentralTables>,
  now: string,
): DeleteQueryBuilder<CentralTables, "pending_approvals", DeleteResult> =>
  db.deleteFrom("pending_approvals").where("answered_at", "<=", forgetUntil(now));
