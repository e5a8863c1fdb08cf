import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import { canonicalInput, type ToolDecision, type ToolRequest } from "@gatehouse/session-rows/messages";
import { hasApprover } from "../approvers/approvers.ts";
import { isFull } from "../hold.ts";
import { senderOf } from "../questions/asked-person.ts";
import type { AskedTool } from "./asked-tool.ts";
import { earlierOf, isPending, stateOf, wasTold, type Earlier } from "./earlier-request.ts";
import { insertToolRequest } from "./insert-tool-request.ts";
import { isReadOnly } from "./read-only-tools.ts";
import { denied } from "./tool-messages.ts";
import { longestInput } from "./tool-request.ts";
import { isInputAllowed } from "./tool-rules.ts";

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
  clock: ClockAndIds,
): Promise<HeldTool> => {
  const { sessionId, groupId, questionId, request } = asked;
  const earlier = await earlierOf(db, asked);
  if (earlier?.question_id === questionId) return heldBy(earlier, request, clock.now());
  if (earlier !== undefined && isPending(earlier, clock.now())) {
    await db
      .updateTable("tool_requests")
      .set({ question_id: questionId })
      .where("approval_id", "=", earlier.approval_id)
      .execute();
    return { is: "pending", approvalId: earlier.approval_id, isNew: false };
  }
  const known =
    request.question === undefined ? await knownOf(db, asked, earlier) : answeredOf(request, earlier);
  if (known !== null) return decided(known);
  const sender = request.question === undefined ? null : await senderOf(db, sessionId, request.messageId);
  if (sender === null && !(await hasApprover(db, [groupId])))
    return decided(denied(request.question === undefined ? "no-approver" : "no-person"));
  if (canonicalInput(request.input).length > longestInput) return decided(denied("too-long"));
  if (await isFull(db, groupId)) return decided(denied("full"));
  const wasAllowed = request.question === undefined && earlier?.status === "approved";
  const approvalId = await insertToolRequest(db, asked, { wasAllowed, sender }, clock);
  return { is: "pending", approvalId, isNew: true };
};

const decided = (decision: ToolDecision): HeldTool => ({ is: "decided", decision });

const heldBy = (earlier: Earlier, request: ToolRequest, now: string): HeldTool =>
  isPending(earlier, now)
    ? { is: "pending", approvalId: earlier.approval_id, isNew: false }
    : decided(stateOf(earlier, request));

/** The decision about a tool that needs no person; null if a person has to answer. */
const knownOf = async (
  db: Kysely<CentralTables>,
  asked: AskedTool,
  earlier: Earlier | undefined,
): Promise<ToolDecision | null> => {
  const { groupId, request } = asked;
  const byPolicy = await policyDecision(db, groupId, request);
  if (byPolicy !== null) return byPolicy;
  if (earlier?.status === "rejected") return stateOf(earlier, request);
  const isUnused = earlier?.status === "approved" && !request.mayHaveRun;
  return isUnused && !(await wasTold(db, asked, earlier)) ? { behavior: "allow" } : null;
};

/** A question changes nothing, so the answer that an earlier runner got counts for the next one too. */
const answeredOf = (request: ToolRequest, earlier: Earlier | undefined): ToolDecision | null =>
  earlier?.status === "approved" || earlier?.status === "rejected" ? stateOf(earlier, request) : null;

const policyDecision = async (
  db: Kysely<CentralTables>,
  groupId: string,
  request: ToolRequest,
): Promise<ToolDecision | null> => {
  const config = await db
    .selectFrom("container_configs")
    .select("tools")
    .where("agent_group_id", "=", groupId)
    .executeTakeFirst();
  const policy = config?.tools ?? "ask";
  if (policy === "deny") return denied("policy");
  if (policy === "allow-all" || (policy === "allow-read" && isReadOnly(request.tool)))
    return { behavior: "allow" };
  return (await isInputAllowed(db, groupId, request)) ? { behavior: "allow" } : null;
};
