import type { Kysely } from "kysely";
import { parseJson } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import type { DecisionEntry } from "@nc/cli-scope";
import { recordIn, type LogDeps } from "@gatehouse/command-context";
import { agentOfSession } from "@gatehouse/session-rows";
import {
  canonicalInput,
  type ToolDecision,
  type ToolQuestion,
  type ToolRequest,
} from "@gatehouse/session-rows/messages";
import { fieldsOf, isLines } from "./approval-row.ts";
import { hasApprover } from "./approvers.ts";
import { isFull, answerWithinMs } from "./hold.ts";
import { senderOf } from "./questions.ts";
import { inputHash, insertToolRequest, kindOfRequest, longestInput, type AskedTool } from "./tool-request.ts";
import { isReadOnly, recordedInput, ruleAllowing } from "./tool-rules.ts";

export type HeldTool =
  | { readonly is: "decided"; readonly decision: ToolDecision }
  /** A person has to answer. `isNew`: this call made the approval. */
  | { readonly is: "pending"; readonly approvalId: string; readonly isNew: boolean };

/**
 * Decides about a tool, or stores the request until a person answers. Idempotent: the same question has one
 * approval. The next runner of the same turn finds the approval of an earlier one by message, tool, input and
 * occurrence. Call it in a transaction that has checked the lease of the session.
 */
export const holdTool = async (
  db: Kysely<CentralTables>,
  asked: AskedTool,
  clock: LogDeps,
): Promise<HeldTool> => {
  const { sessionId, groupId, questionId, request } = asked;
  const earlier = await earlierOf(db, asked);
  if (earlier?.question_id === questionId) return heldBy(earlier, request, clock.now());
  if (earlier !== undefined && isPending(earlier, clock.now())) {
    await db
      .updateTable("pending_approvals")
      .set({ question_id: questionId })
      .where("approval_id", "=", earlier.approval_id)
      .execute();
    return { is: "pending", approvalId: earlier.approval_id, isNew: false };
  }
  const provider = await runningProvider(db, sessionId);
  const known =
    request.question === undefined
      ? await knownOf(db, { ...asked, provider }, earlier, clock)
      : answeredOf(request, earlier);
  if (known !== null) return decided(known);
  const sender = request.question === undefined ? null : await senderOf(db, sessionId, request.messageId);
  if (sender === null && !(await hasApprover(db, [groupId])))
    return decided(denied(request.question === undefined ? "no-approver" : "no-person"));
  if (canonicalInput(request.input).length > longestInput) return decided(denied("too-long"));
  if (await isFull(db, groupId)) return decided(denied("full"));
  const wasAllowed = request.question === undefined && earlier?.status === "approved";
  const approvalId = await insertToolRequest(db, asked, { provider, wasAllowed, sender }, clock);
  return { is: "pending", approvalId, isNew: true };
};

const decided = (decision: ToolDecision): HeldTool => ({ is: "decided", decision });

const heldBy = (earlier: Earlier, request: ToolRequest, now: string): HeldTool =>
  isPending(earlier, now)
    ? { is: "pending", approvalId: earlier.approval_id, isNew: false }
    : decided(stateOf(earlier, request));

/** A request, and the provider of the agent that asks. */
type AskedBy = AskedTool & { readonly provider: string };

/** The decision about a tool that needs no person; null if a person has to answer. */
const knownOf = async (
  db: Kysely<CentralTables>,
  asked: AskedBy,
  earlier: Earlier | undefined,
  clock: LogDeps,
): Promise<ToolDecision | null> => {
  const { request } = asked;
  const byPolicy = await policyDecision(db, asked);
  if (byPolicy !== null) {
    await recordIn(db, entryOf(asked, byPolicy), clock);
    return byPolicy.decision;
  }
  if (earlier?.status === "rejected") return stateOf(earlier, request);
  const isUnused = earlier?.status === "approved" && !request.mayHaveRun;
  return isUnused && !(await wasTold(db, asked, earlier)) ? { behavior: "allow" } : null;
};

/** A question changes nothing, so the next runner also gets the answer that an earlier runner got. */
const answeredOf = (request: ToolRequest, earlier: Earlier | undefined): ToolDecision | null =>
  earlier?.status === "approved" || earlier?.status === "rejected" ? stateOf(earlier, request) : null;

/** A decision without a person, and the rule or policy that made it. */
type ByPolicy = { readonly decision: ToolDecision; readonly ruleId: string; readonly reason: string };

const policyDecision = async (
  db: Kysely<CentralTables>,
  { provider, groupId, request }: AskedBy,
): Promise<ByPolicy | null> => {
  const config = await db
    .selectFrom("container_configs")
    .select("tools")
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  const policy = config?.tools ?? "ask";
  const byTools = { ruleId: `tools-${policy}`, reason: `The group has --tools ${policy}.` };
  if (policy === "deny") return { ...byTools, decision: denied("policy") };
  const isAllowed = policy === "allow-all" || (policy === "allow-read" && isReadOnly(request, provider));
  if (isAllowed) return { ...byTools, decision: { behavior: "allow" } };
  const ruleId = await ruleAllowing(db, groupId, { ...request, provider });
  const reason = "A person has allowed it with exactly this input.";
  return ruleId === null ? null : { decision: { behavior: "allow" }, ruleId, reason };
};

/** The provider of the agent that runs in a session. */
const runningProvider = async (db: Kysely<CentralTables>, sessionId: string): Promise<string> => {
  const agent = await agentOfSession(db, sessionId);
  return (agent?.started ?? agent?.now)?.provider.value ?? "";
};

/** The line of the decision log. The CLI itself decides by its own rules, so those are not in the log. */
const entryOf = (
  { sessionId, groupId, request }: AskedTool,
  { decision, ruleId, reason }: ByPolicy,
): DecisionEntry => ({
  actor: { type: "agent", sessionId, groupId, messagingGroupId: null },
  command: `use ${request.tool}`,
  args: recordedInput(request.input),
  effect: decision.behavior === "deny" ? "deny" : "allow",
  ruleId,
  reason,
});

/** An approval of the same request, by an earlier question. */
type Earlier = {
  readonly approval_id: string;
  readonly question_id: string | null;
  readonly status: string;
  readonly expires_at: string;
  readonly result: string | null;
};

/** The newest approval of the same request. */
const earlierOf = (
  db: Kysely<CentralTables>,
  { sessionId, request }: AskedTool,
): Promise<Earlier | undefined> => {
  const { messageId, tool, occurrence } = request;
  return db
    .selectFrom("pending_approvals")
    .select(["approval_id", "question_id", "status", "expires_at", "result"])
    .where("session_id", "=", sessionId)
    .where("message_id", "=", messageId)
    .where("kind", "=", kindOfRequest(request))
    .where("tool", "=", tool)
    .where("input_hash", "=", inputHash(request))
    .where("occurrence", "=", occurrence)
    .orderBy("created_at", "desc")
    .orderBy("approval_id", "desc")
    .limit(1)
    .executeTakeFirst();
};

/**
 * Whether a runner had the earlier permission. Then the tool may have run, even if this runner does not report it: a
 * runner after two kills, or with a request of a subagent, may not know.
 */
const wasTold = async (
  db: Kysely<CentralTables>,
  { sessionId }: AskedTool,
  { question_id: id }: Earlier,
): Promise<boolean> => {
  const question = await db
    .selectFrom("session_messages_out")
    .select("answer")
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .executeTakeFirst();
  const told =
    question?.answer == null ? null : (parseJson(question.answer) as { behavior?: unknown } | null);
  return told?.behavior === "allow";
};

const isPending = ({ status, expires_at }: Earlier, now: string): boolean =>
  status === "pending" && expires_at > now;

/** The decision of an approval that is not pending. A failed one had another row than the request. */
const stateOf = ({ status, result }: Earlier, { question }: ToolRequest): ToolDecision => {
  if (status === "approved") return approvedIn(result);
  if (status === "rejected") return deniedByPerson(reasonIn(result), question);
  return denied(status === "failed" ? "unknown" : "expired");
};

/** The decision in the result of an approval: the answers to a question, or the rules that were chosen. */
const approvedIn = (result: string | null): ToolDecision => {
  const { data } = fieldsOf(parseJson(result ?? "null"));
  const { answers, rules } = fieldsOf(data);
  if (isLines(answers)) return { behavior: "answer", answers };
  return { behavior: "allow", ...(isLines(rules) ? { rules } : {}) };
};

const reasonIn = (result: string | null): string | null => {
  const { reason } = fieldsOf(parseJson(result ?? "null"));
  return typeof reason === "string" ? reason : null;
};

/** Why a tool is denied without a person. */
type DeniedBecause =
  | "policy"
  | "no-approver"
  | "no-person"
  | "full"
  | "too-long"
  | "unknown"
  | "over"
  | "expired";

const messages: Readonly<Record<DeniedBecause, string>> = {
  policy: "The configuration of this agent group denies all tools that need a permission.",
  "no-approver": "No person may allow a tool here: no owner or admin is configured. The operator makes one.",
  "no-person": "No person can answer: no person sent the message, and no owner or admin is configured.",
  full: "Too many requests of this agent group wait for a person already.",
  "too-long": `A person has to read the tool's input, and it has more than ${longestInput} characters.`,
  unknown: "The host does not understand this request for a tool.",
  over: "The message that the tool was for is not in work any more.",
  expired: `No person answered within ${answerWithinMs / 3_600_000} hours.`,
};

export const denied = (because: DeniedBecause): ToolDecision => ({
  behavior: "deny",
  message: messages[because],
});

/** The refusal of a person, with the words of that person. */
const deniedByPerson = (reason: string | null, question: ToolQuestion | undefined): ToolDecision => ({
  behavior: "deny",
  message:
    reason === null
      ? `${refusals[question?.type ?? "tool"]}.`
      : `${refusals[question?.type ?? "tool"]}: ${reason}`,
});

const refusals = {
  tool: "A person denied it",
  choices: "The person does not choose an answer",
  plan: "The person rejected the plan",
} as const;

/**
 * Ends pending requests of a session for tools, so that no person answers them any more: those of one question, of
 * these messages, or all.
 */
export const withdrawTools = async (
  db: Kysely<CentralTables>,
  sessionId: string,
  which: "all" | { readonly questionId: string } | { readonly messageIds: readonly string[] },
  now: string,
): Promise<void> => {
  await db
    .updateTable("pending_approvals")
    .set({
      status: "expired",
      answered_at: now,
      result: JSON.stringify({ reason: "It is no longer asked." }),
    })
    .where("session_id", "=", sessionId)
    .where("status", "=", "pending")
    .where((eb) => {
      if (which === "all") return eb("question_id", "is not", null);
      return "questionId" in which
        ? eb("question_id", "=", which.questionId)
        : eb("message_id", "in", [...which.messageIds]);
    })
    .execute();
};
