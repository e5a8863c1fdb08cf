import { canonicalInput, type ToolDecision } from "@gatehouse/session-rows/messages";
import { isPrompt } from "../loop/next-work.ts";
import type { Prompt, TurnTools } from "../provider.ts";
import { answeredInput, questionIn } from "./claude-questions.ts";
import { permissionFrame, type ClaudeFrame, type Permission } from "./frames.ts";
import type { ClaudeProgram } from "./claude-program.ts";
import type { PromptState } from "./transcript.ts";

type Asking = {
  readonly prompt: Prompt;
  readonly tools: Pick<TurnTools, "askTool">;
  /** How far an earlier process came with the prompt. */
  readonly seen: PromptState;
  /** Called with the rules that the running process gets. */
  readonly onRules: (rules: readonly string[]) => void;
};

type ToolFrame = Extract<ClaudeFrame, { readonly type: "may-use-tool" }>;

/** Passes requests to use a tool, and questions, on to a person, and their answers back. */
export const askedTools = (program: ClaudeProgram, { prompt, tools, seen, onRules }: Asking) => {
  const cancelled = new Set<string>();
  const counts = new Map<string, number>();
  const earlier = seen.state === "open" ? seen.toolUses : [];
  // The transcript has the input as the model wrote it, and a request has the fields in another order.
  const keyOf = (tool: string, input: unknown): string => JSON.stringify([tool, canonicalInput(input)]);
  // A tool that ran before a kill is not asked for again, so the next request of it is another occurrence.
  for (const { tool, input, hasResult } of earlier)
    if (hasResult) counts.set(keyOf(tool, input), (counts.get(keyOf(tool, input)) ?? 0) + 1);
  const messageId = (prompt.messages.find(isPrompt) ?? prompt.messages[0])?.id ?? prompt.batch;
  return {
    cancel: (requestId: string): void => void cancelled.add(requestId),
    ask: async (frame: ToolFrame): Promise<void> => {
      const { requestId, tool, input, suggestions } = frame;
      const key = keyOf(tool, input);
      const occurrence = counts.get(key) ?? 0;
      counts.set(key, occurrence + 1);
      const mayHaveRun = earlier.some((use) => !use.hasResult && keyOf(use.tool, use.input) === key);
      const question = questionIn(tool, input);
      const offered = suggestions.map(({ rules }) => rules);
      const decision = await tools.askTool({
        ...{ messageId, tool, input, occurrence, mayHaveRun },
        ...(question === undefined ? { suggestions: offered } : { question }),
      });
      if (cancelled.has(requestId) || !program.isRunning()) return;
      const permission = permissionOf(frame, decision);
      program.send(permissionFrame(requestId, permission));
      if ("updatedPermissions" in permission && decision.behavior === "allow") onRules(decision.rules ?? []);
    },
  };
};

/** The decision as Claude Code takes it. A rule that a person has chosen also counts in the running process. */
const permissionOf = ({ input, suggestions }: ToolFrame, decision: ToolDecision): Permission => {
  if (decision.behavior === "deny") return decision;
  if (decision.behavior === "answer")
    return { behavior: "allow", updatedInput: answeredInput(input, decision.answers) };
  const chosen = suggestions.find(
    ({ rules }) => canonicalInput(rules) === canonicalInput(decision.rules ?? []),
  );
  return {
    ...{ behavior: "allow", updatedInput: input },
    ...(chosen === undefined ? {} : { updatedPermissions: [chosen.update] }),
  };
};
