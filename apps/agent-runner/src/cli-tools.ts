import { canonicalInput, type ToolRequest } from "@gatehouse/session-rows/messages";
import { isPrompt } from "./loop/next-work.ts";
import type { Prompt } from "./provider.ts";

/** The requests for tools in one turn. */
export type ToolRequests = {
  /** Counts a use of a tool. Returns the number of equal uses before it. */
  readonly count: (tool: string, input: unknown) => number;
  /** Makes the request for a use of a tool, and counts it. */
  readonly next: (tool: string, input: unknown, mayHaveRun: boolean) => ToolRequest;
};

/** The message for which an agent asks for tools. */
export const askingMessage = ({ messages, batch }: Pick<Prompt, "messages" | "batch">): string =>
  (messages.find(isPrompt) ?? messages[0])?.id ?? batch;

export const toolRequests = (prompt: Prompt): ToolRequests => {
  const counts = new Map<string, number>();
  const messageId = askingMessage(prompt);
  const count = (tool: string, input: unknown): number => {
    const key = toolKey(tool, input);
    const before = counts.get(key) ?? 0;
    counts.set(key, before + 1);
    return before;
  };
  return {
    count,
    next: (tool, input, mayHaveRun) => ({
      messageId,
      tool,
      input,
      occurrence: count(tool, input),
      mayHaveRun,
    }),
  };
};

/** The key of a use of a tool: equal for equal uses, in any order of the input's fields. */
export const toolKey = (tool: string, input: unknown): string =>
  JSON.stringify([tool, canonicalInput(input)]);

/** The limit of a command without one of its own, ms: the default of Claude Code (2.1.328) and OpenCode (1.18.33). */
const defaultCommandMs = 120_000;

/** The time that a command may take, with time for the CLI's own work around it, ms. */
export const commandTimeMs = (input: unknown): number => {
  const { timeout } = (input ?? {}) as { readonly timeout?: unknown };
  return (typeof timeout === "number" ? timeout : defaultCommandMs) + 60_000;
};
