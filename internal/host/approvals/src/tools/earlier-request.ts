import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { parseJson } from "@gatehouse/std";
import type { ToolDecision, ToolRequest } from "@gatehouse/session-rows/messages";
import type { AskedTool } from "./asked-tool.ts";
import { denied, deniedByPerson } from "./tool-messages.ts";
import { inputHash, kindOfRequest } from "./tool-request.ts";

/** An approval of the same request, by an earlier question. */
export type Earlier = {
  readonly approval_id: string;
  readonly question_id: string;
  readonly status: string;
  readonly expires_at: string;
  readonly result: string | null;
};

/** The newest approval of the same request. */
export const earlierOf = (
  db: Kysely<CentralTables>,
  { sessionId, request }: AskedTool,
): Promise<Earlier | undefined> => {
  const { messageId, tool, input, occurrence } = request;
  return db
    .selectFrom("tool_requests")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "tool_requests.approval_id")
    .select(["tool_requests.approval_id", "question_id", "status", "expires_at", "result"])
    .where("tool_requests.session_id", "=", sessionId)
    .where("message_id", "=", messageId)
    .where("kind", "=", kindOfRequest(request))
    .where("tool", "=", tool)
    .where("input_hash", "=", inputHash(input))
    .where("occurrence", "=", occurrence)
    .orderBy("pending_approvals.created_at", "desc")
    .orderBy("tool_requests.approval_id", "desc")
    .limit(1)
    .executeTakeFirst();
};

/**
 * Whether a runner had the earlier decision: then the tool may have run, whatever this runner knows of it. One that was
 * killed twice, or whose subagent asked, may not know.
 */
export const wasTold = async (
  db: Kysely<CentralTables>,
  { sessionId }: AskedTool,
  { question_id: id }: Earlier,
): Promise<boolean> => {
  const question = await db
    .selectFrom("session_questions")
    .select("answer")
    .where("session_id", "=", sessionId)
    .where("id", "=", id)
    .executeTakeFirst();
  const told =
    question?.answer == null ? null : (parseJson(question.answer) as { behavior?: unknown } | null);
  return told?.behavior === "allow";
};

export const isPending = ({ status, expires_at }: Earlier, now: string): boolean =>
  status === "pending" && expires_at > now;

/** The decision of an approval that is not pending. A failed one had another row than the request. */
export const stateOf = ({ status, result }: Earlier, { question }: ToolRequest): ToolDecision => {
  if (status === "approved") return approvedIn(result);
  if (status === "rejected") return deniedByPerson(reasonIn(result), question);
  return denied(status === "failed" ? "unknown" : "expired");
};

/** The decision in the result of an approval: the answers to a question, or the rules that were chosen. */
const approvedIn = (result: string | null): ToolDecision => {
  const { data } = fieldsOf(parseJson(result ?? "null"));
  const { answers, rules } = fieldsOf(data);
  if (isTexts(answers)) return { behavior: "answer", answers };
  return { behavior: "allow", ...(isTexts(rules) ? { rules } : {}) };
};

const reasonIn = (result: string | null): string | null => {
  const { reason } = fieldsOf(parseJson(result ?? "null"));
  return typeof reason === "string" ? reason : null;
};

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

const isTexts = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((text) => typeof text === "string");
