import { type Fields, fieldsOf, listOf, parseJson, textOf } from "@gatehouse/std";
import type { AttachedContent } from "../prompt/attached-content.ts";
import { serverName } from "../host-tools/tool-names.ts";
import { serverFailureIn } from "../mcp-servers/server-failure.ts";
import type { ServerState } from "../provider.ts";
import { readFailure, type TurnFailure } from "./turn-failure.ts";

/**
 * What `codex app-server` writes, as far as the runner reads it: JSON-RPC without its version. The shapes were seen
 * with 0.169.0; every field is checked, since a new version may change some.
 */
export type CodexFrame =
  | { readonly type: "reply"; readonly id: number; readonly result: unknown; readonly error: string | null }
  | ({ readonly type: "may-use-tool" } & ToolQuestion)
  /** A request that the runner does not know. Without an answer Codex would wait for ever. */
  | { readonly type: "unknown-request"; readonly requestId: RequestId; readonly method: string }
  | { readonly type: "turn-started"; readonly turn: string }
  | { readonly type: "text"; readonly turn: string; readonly text: string }
  | { readonly type: "item"; readonly turn: string; readonly isCompleted: boolean; readonly item: Fields }
  /** An MCP server has started, or failed to. */
  | { readonly type: "server"; readonly state: ServerState }
  | { readonly type: "turn-ended"; readonly turn: string; readonly failure: TurnFailure | null }
  | { readonly type: "other" };

/** Codex counts its requests from 0. */
export type RequestId = number | string;

/** Codex asks whether a tool may be used. */
export type ToolQuestion = {
  readonly requestId: RequestId;
  readonly turn: string;
  /** The form of the answer. */
  readonly answer: "decision" | "elicitation";
  readonly tool: string;
  /** Null for a change of files, whose input is in the item. */
  readonly input: Fields | null;
  readonly item: string;
};

const other: CodexFrame = { type: "other" };

/** Reads one line of Codex's output. Unknown notifications are `other`. */
export const readFrame = (line: string): CodexFrame => {
  const { id, method, params, result, error } = fieldsOf(parseJson(line));
  if (typeof method !== "string")
    return typeof id === "number"
      ? { type: "reply", id, result, error: error === undefined ? null : textOf(fieldsOf(error)["message"]) }
      : other;
  if (typeof id === "number" || typeof id === "string") {
    const question = questions[method]?.(id, fieldsOf(params)) ?? null;
    return question === null
      ? { type: "unknown-request", requestId: id, method }
      : { type: "may-use-tool", ...question };
  }
  return notifications[method]?.(fieldsOf(params)) ?? other;
};

const notifications: Readonly<Record<string, (params: Fields) => CodexFrame>> = {
  "turn/started": ({ turn }) => ({ type: "turn-started", turn: textOf(fieldsOf(turn)["id"]) }),
  "item/agentMessage/delta": ({ turnId, delta }) => ({
    type: "text",
    turn: textOf(turnId),
    text: textOf(delta),
  }),
  "item/started": ({ turnId, item }) => itemFrame(turnId, item, false),
  "item/completed": ({ turnId, item }) => itemFrame(turnId, item, true),
  "mcpServer/startupStatus/updated": ({ name, status, error }) => {
    if (name === serverName || (status !== "ready" && status !== "failed")) return other;
    const failure = status === "ready" ? null : serverFailureIn(textOf(error));
    return { type: "server", state: { name: textOf(name), failure } };
  },
  "turn/completed": ({ turn }) => {
    const { id, status, error } = fieldsOf(turn);
    return {
      type: "turn-ended",
      turn: textOf(id),
      failure: status === "completed" ? null : readFailure(error),
    };
  },
};

const itemFrame = (turn: unknown, item: unknown, isCompleted: boolean): CodexFrame => ({
  type: "item",
  turn: textOf(turn),
  isCompleted,
  item: fieldsOf(item),
});

/** The questions that a person can answer; null if this form of one has no answer of a person. */
const questions: Readonly<Record<string, (requestId: RequestId, params: Fields) => ToolQuestion | null>> = {
  "item/commandExecution/requestApproval": (requestId, params) => {
    const { command, cwd, reason, kind, networkApprovalContext: network } = params;
    // A question about a host of the network names no command.
    if (typeof command !== "string" || (network !== null && network !== undefined)) return null;
    const input = given({ command, cwd, reason, kind: kind === "command" ? null : kind });
    return { ...asked(requestId, params), answer: "decision", tool: "commandExecution", input };
  },
  "item/fileChange/requestApproval": (requestId, params) => ({
    ...asked(requestId, params),
    answer: "decision",
    tool: "fileChange",
    input: null,
  }),
  // Codex asks for tools of MCP servers in the form in which a server asks a person.
  "mcpServer/elicitation/request": (requestId, params) => {
    const { serverName, _meta } = params;
    const { codex_approval_kind: kind, tool_name: name, tool_params: input } = fieldsOf(_meta);
    if (kind !== "mcp_tool_call" || typeof name !== "string") return null;
    const tool = `mcp__${textOf(serverName)}__${name}`;
    return { ...asked(requestId, params), answer: "elicitation", tool, input: fieldsOf(input) };
  },
};

const asked = (requestId: RequestId, { turnId, itemId }: Fields) => ({
  requestId,
  turn: textOf(turnId),
  item: textOf(itemId),
});

/** The changes of a `fileChange` item: the input of its question. Null if it shows none. */
export const changesIn = ({ type, changes }: Fields): readonly Fields[] | null =>
  type === "fileChange" && Array.isArray(changes) && changes.length > 0 ? listOf(changes) : null;

/** The answer to a question about a tool. Codex takes no words with a denial. */
export const permissionFrame = (
  { requestId, answer }: Pick<ToolQuestion, "requestId" | "answer">,
  isAllowed: boolean,
): object => ({
  id: requestId,
  result:
    answer === "decision"
      ? { decision: isAllowed ? "accept" : "decline" }
      : { action: isAllowed ? "accept" : "decline", content: isAllowed ? {} : null, _meta: null },
});

/** Refuses a request that the runner does not know. */
export const refusalFrame = (requestId: RequestId): object => ({
  id: requestId,
  error: { code: -32_601, message: "The agent runner does not answer this request." },
});

/** The input of a turn. A text is only a text here: Codex reads `/command` in its own terminal alone. */
export const turnInput = (text: string, images: readonly AttachedContent[] = []): readonly object[] => [
  ...images.map(({ mediaType, data }) => ({ type: "image", url: `data:${mediaType};base64,${data}` })),
  { type: "text", text, text_elements: [] },
];

/** The fields that are there: neither null nor undefined. */
const given = (fields: Fields): Fields =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== null && value !== undefined));
