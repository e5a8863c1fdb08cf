import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import type { ToolRequest } from "@gatehouse/session-rows/messages";
import { patience } from "../hold.ts";
import { questionCommand, questionLines } from "../questions/question-lines.ts";
import type { AskedTool } from "./asked-tool.ts";
import { toolDigest } from "./tool-digest.ts";
import { mayHaveRunLine } from "./tool-messages.ts";
import { inputHash, inputLines, kindOfRequest, suggestionLines } from "./tool-request.ts";

type Asking = {
  /** A person has allowed it before, for a runner that was killed since. */
  readonly wasAllowed: boolean;
  /** The person for whom a question is. */
  readonly sender: string | null;
};

/** Stores a request for a tool, or a question, with everything that a person reads of it. Returns its id. */
export const insertToolRequest = async (
  db: Kysely<CentralTables>,
  { sessionId, groupId, questionId, request }: AskedTool,
  { wasAllowed, sender }: Asking,
  clock: ClockAndIds,
): Promise<string> => {
  const { messageId, tool, input, occurrence, mayHaveRun, question, suggestions = [] } = request;
  const approval_id = clock.id("ap");
  const created_at = clock.now();
  const expiresAt = new Date(Date.parse(created_at) + patience).toISOString();
  const consequence = JSON.stringify([...linesOf(request), ...(wasAllowed ? [mayHaveRunLine] : [])]);
  const shown = JSON.stringify({ tool, input, question, suggestions });
  const bound = { tool, messageId, occurrence, hash: inputHash(input), groupId, sessionId, expiresAt };
  const command = question === undefined ? `use ${tool}` : questionCommand(question);
  await db
    .insertInto("pending_approvals")
    .values({
      ...{ approval_id, session_id: sessionId, agent_group_id: groupId, kind: kindOfRequest(request) },
      ...{ scope: "group", command, args: "{}", shown, consequence },
      ...{ digest: toolDigest({ ...bound, shown }, consequence), status: "pending" },
      ...{ created_at, expires_at: expiresAt },
    })
    .execute();
  await db
    .insertInto("tool_requests")
    .values({
      ...{ approval_id, session_id: sessionId, message_id: messageId, tool, input_hash: bound.hash },
      ...{ occurrence, may_have_run: mayHaveRun ? 1 : 0, question_id: questionId, asked_user_id: sender },
    })
    .execute();
  return approval_id;
};

const linesOf = ({ input, question, suggestions = [] }: ToolRequest): readonly string[] =>
  question === undefined ? [...inputLines(input), ...suggestionLines(suggestions)] : questionLines(question);
