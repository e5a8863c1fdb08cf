import { createHash } from "node:crypto";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ClockAndIds } from "@gatehouse/command-context";
import {
  canonicalInput,
  isToolName,
  type RealPath,
  type ToolRequest,
  type ToolSuggestion,
} from "@gatehouse/session-rows/messages";
import { digestOf, fieldsOf, harmless, parsedArgs, type Pending } from "./approval-row.ts";
import { inputLines } from "./card-lines.ts";
import { expiryOf } from "./hold.ts";
import type { AskedOf } from "./known-tools.ts";
import { questionCommand, questionIn, questionLines } from "./questions.ts";

/** A request for a tool, and the question by which the runner asks. */
export type AskedTool = {
  readonly sessionId: string;
  readonly groupId: string;
  readonly questionId: string;
  readonly request: ToolRequest;
};

/** Maximum length of a tool's input as JSON, in UTF-16 units: a person has to read it. */
export const longestInput = 200_000;

const idLength = 500;

/** Checks the content of an agent's question; null if it does not ask for a tool. */
export const toolRequestIn = (content: unknown): ToolRequest | null => {
  const { type, messageId, tool, input, occurrence, mayHaveRun, question, suggestions } = fieldsOf(content);
  const { realPaths = [], isInside } = fieldsOf(content);
  if (type !== "tool" || typeof tool !== "string" || !isToolName(tool)) return null;
  if (typeof messageId !== "string" || messageId.length > idLength || input === undefined) return null;
  if (typeof occurrence !== "number" || !Number.isInteger(occurrence)) return null;
  if (occurrence < 0 || occurrence > mostOccurrences || typeof mayHaveRun !== "boolean") return null;
  // A person has to see each of them, so a list that is not understood is no request.
  if (!Array.isArray(realPaths) || realPaths.length > mostRealPaths || !realPaths.every(isRealPath))
    return null;
  const request = {
    messageId,
    tool,
    input,
    occurrence,
    mayHaveRun,
    ...(realPaths.length === 0
      ? {}
      : { realPaths: realPaths.map(({ field, realPath }) => ({ field, realPath })) }),
    ...(isInside === true ? { isInside } : {}),
  };
  if (question === undefined) return { ...request, suggestions: suggestionsIn(suggestions) };
  const asked = questionIn(question);
  return asked === null ? null : { ...request, question: asked };
};

/** Also the length of the longest path of Linux, in UTF-16 units. */
const [mostRealPaths, pathLength] = [1_000, 4_096];

const isRealPath = (value: unknown): value is RealPath => {
  const { field, realPath } = fieldsOf(value);
  return [field, realPath].every((text) => typeof text === "string" && text.length <= pathLength);
};

/** Limits of what a card offers: suggestions, and the rules of one and their UTF-16 units, so that a person reads all. */
const [mostSuggestions, mostRules, rulesLength] = [5, 10, 300];

/** `Bash`, `Bash(npm test *)` */
const ruleForm = /^[\w.:-]{1,200}(?:\([^\p{C}]+\))?$/u;

const isRule = (rule: unknown): rule is string => typeof rule === "string" && ruleForm.test(rule);

/** The suggestions that a person can read. The others are left out: choosing one is optional. */
const suggestionsIn = (value: unknown): readonly ToolSuggestion[] => {
  const suggestions: readonly unknown[] = Array.isArray(value) ? value : [];
  return suggestions
    .filter(
      (rules): rules is ToolSuggestion =>
        Array.isArray(rules) &&
        rules.length > 0 &&
        rules.length <= mostRules &&
        rules.every(isRule) &&
        rules.join("").length <= rulesLength,
    )
    .slice(0, mostSuggestions);
};

/** The largest value of the column on PostgreSQL. */
const mostOccurrences = 2 ** 31 - 1;

/** The kind of the approval for a request, in `pending_approvals.kind`. */
export const kindOfRequest = ({ question }: ToolRequest): "tool" | "question" =>
  question === undefined ? "tool" : "question";

/** Equal for the same tool with the same input at the same place of a turn. */
export const requestKey = (request: ToolRequest): string =>
  JSON.stringify([request.messageId, request.tool, inputHash(request), request.occurrence]);

/** SHA-256 of an input and of where its paths lead, in hex. */
export const inputHash = ({ input, realPaths }: Pick<ToolRequest, "input" | "realPaths">): string =>
  createHash("sha256").update(inputText({ input, realPaths })).digest("hex");

/** An input as JSON, and the places where its paths lead. */
export const inputText = ({ input, realPaths = [] }: Pick<ToolRequest, "input" | "realPaths">): string =>
  [canonicalInput(input), ...(realPaths.length === 0 ? [] : [canonicalInput(realPaths)])].join(" leads to ");

/** `use Bash {"command":"ls"}` */
export const toolText = (command: string, shown: Readonly<Record<string, unknown>>): string =>
  harmless(`${command} ${JSON.stringify(shown["input"])}`);

/** Stores a request for a tool, or a question, with everything that a person reads of it. Returns its id. */
export const insertToolRequest = async (
  db: Kysely<CentralTables>,
  { sessionId, groupId, questionId, request }: AskedTool,
  {
    provider,
    wasAllowed,
    sender,
  }: {
    /** The provider of the agent that asks. */
    readonly provider: string;
    /** A person has allowed it before, for a runner that was killed since. */
    readonly wasAllowed: boolean;
    /** The person for whom a question is. */
    readonly sender: string | null;
  },
  clock: ClockAndIds,
): Promise<string> => {
  const { messageId, tool, input, occurrence, realPaths, question, suggestions = [] } = request;
  const approval_id = clock.id("ap");
  const created_at = clock.now();
  const expiresAt = expiryOf(created_at);
  const consequence = JSON.stringify([
    ...(wasAllowed ? [mayHaveRunLine] : []),
    ...linesOf(request, provider),
  ]);
  const shown = JSON.stringify({ provider, tool, input, realPaths, question, suggestions });
  const bound = { tool, messageId, occurrence, hash: inputHash(request), groupId, sessionId, expiresAt };
  const command = question === undefined ? `use ${tool}` : questionCommand(question);
  await db
    .insertInto("pending_approvals")
    .values({
      approval_id,
      session_id: sessionId,
      agent_group_id: groupId,
      kind: kindOfRequest(request),
      scope: "group",
      command,
      args: "{}",
      shown,
      consequence,
      digest: toolDigest({ ...bound, shown }, consequence),
      status: "pending",
      created_at,
      expires_at: expiresAt,
      message_id: messageId,
      tool,
      input_hash: bound.hash,
      occurrence,
      question_id: questionId,
      asked_user_id: sender,
    })
    .execute();
  return approval_id;
};

/** Everything that a person reads of a request, in full; `cardLines` bounds it. */
const linesOf = (
  { tool, input, realPaths = [], question, suggestions = [] }: ToolRequest,
  provider: string,
): readonly string[] =>
  question === undefined
    ? inputLines({ provider, tool, input, realPaths }, suggestionLines(suggestions))
    : questionLines(question);

/** The lines about what the CLI suggests to allow from now on. A person chooses one by its number. */
const suggestionLines = (suggestions: readonly ToolSuggestion[]): readonly string[] =>
  suggestions.map((rules, index) => `Rule ${index + 1} that its CLI suggests: ${rules.join(" and ")}`);

/** The line of a card about a tool that an earlier runner may have used. */
const mayHaveRunLine =
  "It may have run already: this was allowed before, and the agent's process was killed since.";

/** The request that a person answers. */
export type BoundRequest = AskedOf & { readonly groupId: string };

/** Reads the request of an approval; null if its row is not as it was written. */
export const boundRequest = (approval: Pending): BoundRequest | null => {
  const { agent_group_id: groupId, session_id: sessionId, expires_at: expiresAt, shown } = approval;
  const { message_id: messageId, occurrence, input_hash: hash } = approval;
  const { provider = "", tool, input, realPaths } = parsedArgs(shown) as Partial<AskedOf>;
  if (groupId === null || sessionId === null || tool === undefined || tool !== approval.tool) return null;
  if (messageId === null || occurrence === null || hash === null) return null;
  const bound = { tool, messageId, occurrence, hash, groupId, sessionId };
  const digest = toolDigest({ ...bound, expiresAt, shown }, approval.consequence);
  if (digest !== approval.digest) return null;
  const request = { groupId, provider, tool, input, ...(realPaths === undefined ? {} : { realPaths }) };
  return inputHash(request) === hash ? request : null;
};

/** Everything that the approval of a tool is bound to. */
type BoundTool = {
  readonly tool: string;
  readonly messageId: string;
  readonly occurrence: number;
  readonly hash: string;
  readonly groupId: string;
  readonly sessionId: string;
  readonly expiresAt: string;
  /** The column `shown`: the input, and what a person may choose. */
  readonly shown: string;
};

const toolDigest = (
  { tool, messageId, occurrence, hash, groupId, sessionId, expiresAt, shown }: BoundTool,
  consequence: string | null,
): string =>
  digestOf({
    canonical: JSON.stringify([tool, messageId, occurrence, hash, shown]),
    consequence,
    preview: null,
    actor: { groupId, sessionId },
    scope: "group",
    expiresAt,
  });
