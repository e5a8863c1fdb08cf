import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ResponseFrame } from "@nc/cli-scope";
import { parseJson, wordsInOrder } from "@gatehouse/std";
import { fieldsOf, harmless, isLines } from "./approval-row.ts";
import { cardLines } from "./card-lines.ts";
import { questionText } from "./kinds.ts";
import { chatsOf, namesIn } from "./names.ts";
import { shownFor } from "./waiting-approvals.ts";

/** Whose answered approvals are wanted: those that the person may see; for the operator (null) all. */
export type WantedAnswers = {
  readonly userId: string | null;
  /** These alone. */
  readonly ids?: readonly string[];
};

/** An approval that waits no longer, and how it ended. */
export type AnsweredApproval = {
  readonly id: string;
  readonly kind: string;
  /** The name of the agent group; null for a question about a chat. */
  readonly group: string | null;
  readonly chat: string | null;
  /** The question on one line. */
  readonly asks: string;
  /** What was allowed or rejected, as its card had it. */
  readonly lines: readonly string[];
  /** What the ids of a command name, by the names of today: `--id is the group "Home"`. */
  readonly names: readonly string[];
  readonly status: "approved" | "rejected" | "failed" | "expired";
  /** Who answered: a user id; `operator`; null if nobody did. */
  readonly by: string | null;
  /** What that person is called; null if only the id is known. */
  readonly byName: string | null;
  /** ISO 8601 in UTC. */
  readonly at: string;
  /** The person's words, what was chosen, or why it failed; null if nothing more is known. */
  readonly why: string | null;
};

/** The approvals that were answered last or that expired, the newest first. A person has those that they may see. */
export const answeredApprovals = async (
  db: Kysely<CentralTables>,
  { userId, ids }: WantedAnswers,
  limit: number,
): Promise<readonly AnsweredApproval[]> => {
  const shown = (await shownFor(db, { userId })).where("answered_at", "is not", null);
  const rows = await (ids === undefined ? shown : shown.where("approval_id", "in", ids))
    .leftJoin("agent_groups", "agent_groups.id", "pending_approvals.agent_group_id")
    .selectAll("pending_approvals")
    .select("agent_groups.name as group_name")
    .orderBy("answered_at", "desc")
    .orderBy("approval_id", "desc")
    .limit(limit)
    .execute();
  const chats = await chatsOf(db, rows);
  const people = [...new Set(rows.flatMap((row) => userIdIn(row.answered_by) ?? []))];
  const named =
    people.length === 0
      ? []
      : await db.selectFrom("users").select(["id", "display_name"]).where("id", "in", people).execute();
  const names = new Map(named.map(({ id, display_name: name }) => [id, name]));
  const called = await namesIn(db, rows);
  return rows.map((row, index) => {
    const group = row.group_name ?? row.agent_group_id;
    const { lines, decides } = cardLines(row);
    const userId = userIdIn(row.answered_by);
    const name = userId === null ? null : (names.get(userId) ?? null);
    const why = whyOf(row);
    return {
      id: row.approval_id,
      kind: row.kind,
      group: group === null ? null : harmless(group),
      chat: chats.get(row.session_id ?? "") ?? null,
      asks: wordsInOrder(questionText(row, group ?? "")),
      lines: lines.slice(lines.length - decides).map(wordsInOrder),
      names: (called[index] ?? []).map(wordsInOrder),
      status: row.status as AnsweredApproval["status"],
      by: row.answered_by === null ? null : (userId ?? "operator"),
      byName: name === null ? null : harmless(name),
      at: row.answered_at ?? "",
      why: why === null ? null : wordsInOrder(harmless(why)),
    };
  });
};

/** The person in `user:telegram:1`; null for the operator, or without an answer. */
const userIdIn = (answeredBy: string | null): string | null =>
  /^user:(.*)$/s.exec(answeredBy ?? "")?.[1] ?? null;

const whyOf = ({
  status,
  result,
}: {
  readonly status: string;
  readonly result: string | null;
}): string | null => {
  const parsed = result === null ? null : parseJson(result);
  const { reason } = fieldsOf(parsed);
  if (status === "expired") return typeof reason === "string" ? reason : "No answer came in time.";
  if (status === "rejected") return typeof reason === "string" ? reason : null;
  const frame = fieldsOf(parsed) as Partial<ResponseFrame>;
  if (status === "failed") return frame.ok === false ? (frame.error?.message ?? null) : null;
  const { answers, allowed, rules } = fieldsOf(frame.ok === true ? frame.data : null);
  if (isLines(answers)) return answers.join("; ");
  if (allowed !== "always") return null;
  return isLines(rules) ? `Always: ${rules.join(" and ")}` : "Always: exactly this";
};
