import type { SessionUpdate, ToolCallUpdate } from "@agentclientprotocol/sdk";

/** A call of a tool, as far as the agent has reported it. */
export type ToolCall = {
  readonly id: string;
  /** The title of the call's first report. Later ones may be a sentence, or the command. */
  readonly tool: string;
  readonly input: unknown;
};

/** The calls of one turn. */
export type ToolCalls = {
  /** Takes an update of the session. Returns the call that it reports, and whether the call has ended. */
  readonly take: (update: SessionUpdate) => { readonly call: ToolCall; readonly isOver: boolean } | null;
  /**
   * The whole call behind a request for permission. OpenCode 1.18.33 asks with less than the call's input (for tools
   * of MCP servers with none) and reports the whole input before; other agents may report it only now.
   */
  readonly asked: (call: ToolCallUpdate) => ToolCall;
};

export const createToolCalls = (): ToolCalls => {
  const calls = new Map<string, ToolCall>();
  const merge = (call: ToolCallUpdate): ToolCall => {
    const { toolCallId: id, title, kind, rawInput } = call;
    const known = calls.get(id);
    const merged: ToolCall = {
      id,
      tool: known?.tool ?? title ?? kind ?? "unknown",
      input: joined(known?.input, rawInput),
    };
    calls.set(id, merged);
    return merged;
  };
  return {
    take: (update) => {
      const { sessionUpdate } = update;
      if (sessionUpdate !== "tool_call" && sessionUpdate !== "tool_call_update") return null;
      const { status } = update;
      return { call: merge(update), isOver: status === "completed" || status === "failed" };
    },
    asked: merge,
  };
};

/** Merges two updates of a tool call: a later value replaces an earlier one, and a missing value keeps it. */
const joined = (known: unknown, update: unknown): unknown => {
  if (isFields(known) && isFields(update)) return { ...known, ...update };
  return update ?? known ?? {};
};

const isFields = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value);
