import type { Kysely, SelectQueryBuilder } from "kysely";
import type { Signature } from "@nc/cli-scope";
import type { WaitingApproval, WaitingApprovals } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import { answering } from "./approvers/approvers.ts";
import { askedUserId } from "./questions/asked-person.ts";
import { harmless } from "./command-line.ts";
import { concernedBy } from "./approvers/concerned-groups.ts";
import { questionOf } from "./questions/question-of.ts";
import { parsedLines } from "./parsed-args.ts";
import { questionText } from "./question-text.ts";
import { wirableGroups } from "./wirable-groups.ts";

/** Maximum number of rows that are read: a person does not read more. */
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
    const people = await answering(db, await concernedBy(db, row, commands))
      .distinct()
      .orderBy("user_id")
      .execute();
    const asked = row.kind === "question" ? await askedUserId(db, row.approval_id) : null;
    const group = row.group_name ?? row.agent_group_id;
    const choices = row.kind === "chat" ? await choicesOf(db) : [];
    waiting.push({
      id: row.approval_id,
      kind: row.kind,
      group: group === null ? null : harmless(group),
      choices,
      asks: questionText(row, group ?? ""),
      consequence: parsedLines(row.consequence)?.map(harmless) ?? [],
      since: row.created_at,
      until: row.expires_at,
      isAnswered: row.kind === "question" && questionOf(row).type === "choices",
      mayAnswer: [...new Set([...(asked === null ? [] : [asked]), ...people.map(({ user_id: id }) => id)])],
    });
  }
  return { approvals: waiting, more: rows.length < most ? 0 : (await countOf(pending)) - most };
};

/** Maximum number of groups that are offered; `ncl groups list` shows all. */
const mostChoices = 20;

/** Values for `--group`: names, and ids where two groups share a name. Empty for a sole group. */
const choicesOf = async (db: Kysely<CentralTables>): Promise<readonly string[]> => {
  const groups = await wirableGroups(db, mostChoices);
  if (groups.length < 2) return [];
  const isUnique = (name: string): boolean => groups.filter((group) => group.name === name).length === 1;
  return groups.map(({ id, name }) => (isUnique(name) && harmless(name) === name ? name : id));
};

const countOf = async (pending: SelectQueryBuilder<CentralTables, "pending_approvals", object>) => {
  const { count } = await pending.select((eb) => eb.fn.countAll().as("count")).executeTakeFirstOrThrow();
  return Number(count);
};
