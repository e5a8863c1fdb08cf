import { type Fields, fieldsOf, listOf, parseJson, textOf } from "@gatehouse/std";
import type { AttachedContent } from "../prompt/attached-content.ts";
import { serverName } from "../host-tools/tool-names.ts";

/**
 * What Claude Code writes with `--output-format stream-json`, as far as the runner reads it. The shapes were seen
 * with 2.1.275 to 2.1.328; the vendor documents few of them, so every field is checked.
 */
export type ClaudeFrame =
  /** A message of the model begins. */
  | { readonly type: "message" }
  | { readonly type: "text"; readonly text: string }
  /** Claude Code asks the model for the rest of its answer. */
  | { readonly type: "goes-on" }
  | { readonly type: "tool"; readonly name: string; readonly input: unknown }
  | { readonly type: "tool-ended" }
  /** A turn begins, with these MCP servers. */
  | { readonly type: "begun"; readonly servers: readonly ClaudeServer[] }
  /** The answer to `serversFrame`. */
  | { readonly type: "servers"; readonly servers: readonly ClaudeServer[] }
  /** A text of the model is complete. Texts of one message have its id. */
  | { readonly type: "said"; readonly messageId: string; readonly text: string }
  /** The conversation was compacted. Numbers of tokens; null if they are not known. */
  | { readonly type: "compacted"; readonly before: number | null; readonly after: number | null }
  | {
      readonly type: "may-use-tool";
      readonly requestId: string;
      readonly tool: string;
      readonly input: unknown;
      readonly suggestions: readonly ClaudeSuggestion[];
    }
  /** A message of MCP for the host tools. */
  | { readonly type: "mcp"; readonly requestId: string; readonly message: unknown }
  /** A subagent is about to be started with this input. */
  | { readonly type: "subagent"; readonly requestId: string; readonly input: unknown }
  /** A command is about to be run. */
  | { readonly type: "command"; readonly requestId: string }
  /** A request that the runner does not know. Without an answer Claude Code would wait for ever. */
  | { readonly type: "unknown-request"; readonly requestId: string }
  /** A request is withdrawn. */
  | { readonly type: "not-asked"; readonly requestId: string }
  /** Claude Code is done with a prompt. Its result has come before, unless there is none. */
  | { readonly type: "completed"; readonly prompt: string }
  /** An interrupt has removed a prompt that waited behind another turn. No result follows. */
  | { readonly type: "cancelled"; readonly prompt: string }
  | ({ readonly type: "result" } & ClaudeResult)
  /** The end of a turn that Claude Code began by itself, because a background command has ended. */
  | ({ readonly type: "own-turn"; readonly id: string } & Pick<ClaudeResult, "isError" | "text">)
  | { readonly type: "other" };

/** `connected`, `failed`, `needs-auth` or `pending` (2.1.332). The error is only in the answer to `serversFrame`. */
export type ClaudeServer = { readonly name: string; readonly status: string; readonly error: string };

/** Rules that Claude Code suggests with a request for a tool. */
export type ClaudeSuggestion = {
  /** As in its settings: `Bash(npm test *)`. */
  readonly rules: readonly string[];
  /** The suggestion as `updatedPermissions` takes it, for this process only. */
  readonly update: object;
};

/** The end of a turn. */
export type ClaudeResult = {
  /** The prompts that the turn answers. Null from a version before 2.1.275, which does not say. */
  readonly prompts: readonly string[] | null;
  /** `subtype` says "success" even for errors of the API, so only this field counts. */
  readonly isError: boolean;
  /** The agent's last text, or the error's. */
  readonly text: string;
  /** The HTTP status of the API, if that failed. */
  readonly status: number | null;
};

const numberOf = (value: unknown): number | null => (typeof value === "number" ? value : null);

const other: ClaudeFrame = { type: "other" };

/** The gateway's sentence of a 402, without the words that Claude Code 2.1.332 writes before it. */
const ofGateway = (text: string): string => text.replace(/^API Error: 402 (?=\S)/, "");

/** Reads one line of Claude Code's output. Unknown frames are `other`: a new version may add some. */
export const readFrame = (line: string): ClaudeFrame => {
  const frame = fieldsOf(parseJson(line));
  // Frames of a subagent are not the turn's own.
  if (typeof frame["parent_tool_use_id"] === "string") return other;
  const reader = readers[textOf(frame["type"])];
  return reader === undefined ? other : reader(frame);
};

const readers: Readonly<Record<string, (frame: Fields) => ClaudeFrame>> = {
  stream_event: ({ event }) => {
    const { type, delta } = fieldsOf(event);
    const { type: kind, text } = fieldsOf(delta);
    if (type === "message_start") return { type: "message" };
    return type === "content_block_delta" && kind === "text_delta"
      ? { type: "text", text: textOf(text) }
      : other;
  },
  assistant: ({ message }) => {
    const used = blocksOf(message).find(({ type }) => type === "tool_use");
    if (used !== undefined) return { type: "tool", name: textOf(used["name"]), input: used["input"] };
    const { id } = fieldsOf(message);
    const text = blocksOf(message)
      .map((block) => textOf(block["text"]))
      .join("");
    return typeof id === "string" ? { type: "said", messageId: id, text } : other;
  },
  system: ({ subtype, compact_metadata: compacted, mcp_servers: servers }) => {
    if (subtype === "init") return { type: "begun", servers: serversIn(servers) };
    if (subtype !== "compact_boundary") return other;
    const { pre_tokens: before, post_tokens: after } = fieldsOf(compacted);
    return { type: "compacted", before: numberOf(before), after: numberOf(after) };
  },
  user: ({ message, isSynthetic }) => {
    const blocks = blocksOf(message);
    if (isSynthetic === true && blocks.some(({ text }) => asksForRest(text))) return { type: "goes-on" };
    return blocks.some(({ type }) => type === "tool_result") ? { type: "tool-ended" } : other;
  },
  control_request: ({ request_id: requestId, request }) => {
    const { subtype, tool_name: tool, input, server_name: server, message } = fieldsOf(request);
    if (subtype === "mcp_message" && server === serverName)
      return { type: "mcp", requestId: textOf(requestId), message };
    if (subtype === "hook_callback") {
      const { callback_id: callback, input: hook } = fieldsOf(request);
      if (callback === "command") return { type: "command", requestId: textOf(requestId) };
      const { tool_input: used } = fieldsOf(hook);
      return { type: "subagent", requestId: textOf(requestId), input: used };
    }
    if (subtype !== "can_use_tool") return { type: "unknown-request", requestId: textOf(requestId) };
    const suggestions = suggestionsIn(fieldsOf(request)["permission_suggestions"]);
    return { type: "may-use-tool", requestId: textOf(requestId), tool: textOf(tool), input, suggestions };
  },
  command_lifecycle: ({ command_uuid: prompt, state }) =>
    state === "completed" || state === "cancelled" ? { type: state, prompt: textOf(prompt) } : other,
  control_response: ({ response }) => {
    const { mcpServers: servers } = fieldsOf(fieldsOf(response)["response"]);
    return servers === undefined ? other : { type: "servers", servers: serversIn(servers) };
  },
  control_cancel_request: ({ request_id: requestId }) => ({
    type: "not-asked",
    requestId: textOf(requestId),
  }),
  result: (frame) => {
    const { user_message_uuids: prompts, result, api_error_status: status, errors } = frame;
    const isError = frame["is_error"] === true;
    const said = isError ? ofGateway(textOf(result)) : textOf(result);
    const end = { isError, text: said || (Array.isArray(errors) ? errors.map(textOf).join("\n") : "") };
    // Only such a turn has an origin, and it names no prompts (2.1.328).
    if (!Array.isArray(prompts) && typeof frame["origin"] === "object" && frame["origin"] !== null)
      return { type: "own-turn", id: textOf(frame["uuid"]), ...end };
    return {
      type: "result",
      ...end,
      status: numberOf(status),
      prompts: Array.isArray(prompts) ? prompts.filter((each) => typeof each === "string") : null,
    };
  },
};

/** Whether a text of Claude Code asks the model to go on with an answer that was cut, by the stream or by its length (2.1.332). */
export const asksForRest = (text: unknown): boolean =>
  typeof text === "string" && /^[^.]+\. Resume directly\b/.test(text);

const serversIn = (value: unknown): readonly ClaudeServer[] =>
  listOf(value).map(({ name, status, error }) => ({
    name: textOf(name),
    status: textOf(status),
    error: textOf(error),
  }));

const blocksOf = (message: unknown): readonly Fields[] => listOf(fieldsOf(message)["content"]);

/**
 * The suggestions that allow tools by rules. Those that add a folder or set a mode allow more than a person can read,
 * so they are left out.
 */
export const suggestionsIn = (value: unknown): readonly ClaudeSuggestion[] =>
  listOf(value).flatMap(({ type, behavior, rules }) => {
    if (type !== "addRules" || behavior !== "allow") return [];
    const texts = listOf(rules).map(ruleText);
    if (texts.length === 0 || !texts.every((text) => text !== null)) return [];
    return [{ rules: texts, update: { type, rules, behavior, destination: "session" } }];
  });

/** Claude Code escapes brackets and backslashes in the text of a rule (2.1.328). */
const ruleText = ({ toolName, ruleContent }: Fields): string | null => {
  if (typeof toolName !== "string") return null;
  if (ruleContent === undefined) return toolName;
  if (typeof ruleContent !== "string" || ruleContent === "") return null;
  return `${toolName}(${ruleContent.replace(/[\\()]/g, "\\$&")})`;
};

/** A prompt. `client_composed` keeps `@path` and `/command` in it as text (2.1.248; not in 2.1.231). */
export const promptFrame = (
  uuid: string,
  text: string,
  attached: readonly AttachedContent[] = [],
): object => ({
  type: "user",
  message: { role: "user", content: [...attached.map(contentBlock), { type: "text", text }] },
  parent_tool_use_id: null,
  session_id: "",
  uuid,
  client_composed: true,
});

/** The file as the Messages API has it. */
const contentBlock = ({ type, mediaType, data }: AttachedContent): object => ({
  type,
  source: { type: "base64", media_type: mediaType, data },
});

/** A command of Claude Code, such as `/compact`: without `client_composed` its text is one. */
export const commandFrame = (uuid: string, command: string): object => ({
  type: "user",
  message: { role: "user", content: [{ type: "text", text: command }] },
  parent_tool_use_id: null,
  session_id: "",
  uuid,
});

/** The first frame of a process: its MCP server `gatehouse` is the runner, which is also told of each subagent and command. */
export const initializeFrame = (requestId: string): object => ({
  type: "control_request",
  request_id: requestId,
  request: {
    subtype: "initialize",
    sdkMcpServers: [serverName],
    hooks: {
      PreToolUse: [
        { matcher: "Agent|Task", hookCallbackIds: ["subagent"] },
        { matcher: "Bash", hookCallbackIds: ["command"] },
      ],
    },
  },
});

/** What an agent may choose for a subagent. Other fields would let it make a worktree, or start one elsewhere. */
const subagentFields: readonly string[] = ["description", "prompt", "subagent_type", "model", "effort"];

/**
 * Lets a subagent start, but not in the background, which is the default of 2.1.328: it would outlive the turn,
 * and a person could no longer be asked about its tools.
 */
export const foregroundFrame = (requestId: string, input: unknown): object => {
  const chosen = Object.entries(fieldsOf(input)).filter(([name]) => subagentFields.includes(name));
  return {
    type: "control_response",
    response: {
      subtype: "success",
      request_id: requestId,
      response: {
        hookSpecificOutput: {
          hookEventName: "PreToolUse",
          updatedInput: { ...Object.fromEntries(chosen), run_in_background: false },
        },
      },
    },
  };
};

/** Leaves it to Claude Code whether a command is asked for, or has it ask. */
export const commandHookFrame = (requestId: string, asks: boolean): object => ({
  type: "control_response",
  response: {
    subtype: "success",
    request_id: requestId,
    response: asks ? { hookSpecificOutput: { hookEventName: "PreToolUse", permissionDecision: "ask" } } : {},
  },
});

/** The response to a message of MCP. */
export const mcpFrame = (requestId: string, response: object): object => ({
  type: "control_response",
  response: { subtype: "success", request_id: requestId, response: { mcp_response: response } },
});

/** Asks why MCP servers have failed. */
export const serversFrame = (requestId: string): object => ({
  type: "control_request",
  request_id: requestId,
  request: { subtype: "mcp_status" },
});

/** Ends the running turn, and removes a prompt that waits behind it. */
export const interruptFrame = (requestId: string): object => ({
  type: "control_request",
  request_id: requestId,
  request: { subtype: "interrupt", cancel_queued: true },
});

/** The answer to a request to use a tool. `updatedInput` is what runs. */
export type Permission =
  | {
      readonly behavior: "allow";
      readonly updatedInput: unknown;
      readonly updatedPermissions?: readonly object[];
    }
  | { readonly behavior: "deny"; readonly message: string };

export const permissionFrame = (requestId: string, response: Permission): object => ({
  type: "control_response",
  response: { subtype: "success", request_id: requestId, response },
});

/** Refuses a request that the runner does not know. */
export const refusalFrame = (requestId: string): object => ({
  type: "control_response",
  response: {
    subtype: "error",
    request_id: requestId,
    error: "The agent runner does not know this request.",
  },
});
