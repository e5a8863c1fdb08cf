import type { Actor, DecisionEntry } from "@nc/cli-scope";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { appendDecisions, answeredRule, type LogDeps, rowOf, sealApproval } from "@gatehouse/command-context";
import type { Pending } from "./approval-row.ts";

/** An approval that this transaction has answered, who did, and the decisions of its command. */
type Answered = { readonly id: string; readonly actor: Actor; readonly entries: readonly DecisionEntry[] };

/**
 * Seals an answered approval, and writes its answer into the log of decisions, which still says it when the approval is
 * deleted with its group. The end of the transaction of an answer: from here on other writers of decisions wait.
 */
export const sealAnswer = async (
  db: Kysely<CentralTables>,
  { id, actor, entries }: Answered,
  deps: LogDeps,
): Promise<void> => {
  const row = await db
    .selectFrom("pending_approvals")
    .selectAll()
    .where("approval_id", "=", id)
    .executeTakeFirst();
  // A command can delete the group that asked for it.
  const answer = row === undefined ? [] : [answerOf(row, actor)];
  const rows = [
    ...entries.map((entry) => rowOf(entry, deps)),
    ...answer.map((entry) => rowOf(entry, { ...deps, now: () => row?.answered_at ?? deps.now() })),
  ];
  await appendDecisions(db, deps.dataDir, rows);
  if (row !== undefined) await sealApproval(db, deps.dataDir, row);
};

const answerOf = (
  { approval_id: id, session_id: session, agent_group_id: group, command, status }: Pending,
  actor: Actor,
): DecisionEntry => ({
  actor,
  command: `approvals ${status}`,
  args: {
    id,
    asked: command,
    ...(group === null ? {} : { group }),
    ...(session === null ? {} : { session }),
  },
  effect: status === "rejected" ? "deny" : "allow",
  ruleId: answeredRule,
  reason: status === "failed" ? "It was approved, and then it could not be done." : "A person has answered.",
});
