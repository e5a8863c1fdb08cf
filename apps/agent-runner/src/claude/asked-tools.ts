import { fieldsOf, listOf, textOf, type Fields } from "@gatehouse/std";
import {
  canonicalInput,
  type AskedQuestion,
  type ToolDecision,
  type ToolQuestion,
} from "@gatehouse/session-rows/messages";
import { toolKey, toolRequests } from "../cli-tools.ts";
import type { Prompt, TurnTools } from "../provider.ts";
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
  const requests = toolRequests(prompt);
  const earlier = seen.state === "open" ? seen.toolUses : [];
  // A tool that ran before a kill is not asked for again, so the next request of it is another occurrence.
  for (const { tool, input, hasResult } of earlier) if (hasResult) requests.count(tool, input);
  return {
    cancel: (requestId: string): void => void cancelled.add(requestId),
    ask: async (frame: ToolFrame): Promise<void> => {
      const { requestId, tool, input, suggestions } = frame;
      const key = toolKey(tool, input);
      const mayHaveRun = earlier.some((use) => !use.hasResult && toolKey(use.tool, use.input) === key);
      const question = questionIn(tool, input);
      const offered = suggestions.map(({ rules }) => rules);
      const decision = await tools.askTool({
        ...requests.next(tool, input, mayHaveRun),
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
    behavior: "allow",
    updatedInput: input,
    ...(chosen === undefined ? {} : { updatedPermissions: [chosen.update] }),
  };
};

/**
 * The question that a request for a tool is; undefined for a tool that needs a permission. Claude Code sends both as
 * `can_use_tool`, and marks these with `requires_user_interaction` (2.1.328).
 */
export const questionIn = (tool: string, input: unknown): ToolQuestion | undefined =>
  Object.hasOwn(readers, tool) ? readers[tool]?.(fieldsOf(input)) : undefined;

const readers: Readonly<Record<string, (input: Fields) => ToolQuestion | undefined>> = {
  AskUserQuestion: ({ questions }) => {
    const asked = listOf(questions).map(askedIn);
    const isReadable = asked.length > 0 && asked.every((one) => one !== null);
    return isReadable ? { type: "choices", questions: asked } : undefined;
  },
  // Claude Code reads the plan from its file; without a file there is none.
  ExitPlanMode: ({ plan }) => ({ type: "plan", plan: textOf(plan) }),
};

const askedIn = ({ question, header, options, multiSelect }: Fields): AskedQuestion | null => {
  if (typeof question !== "string" || !Array.isArray(options)) return null;
  return {
    question,
    header: textOf(header),
    options: listOf(options).map(({ label, description }) => ({
      label: textOf(label),
      description: textOf(description),
    })),
    isMultiple: multiSelect === true,
  };
};

/** The input of AskUserQuestion with the answers of a person, by the text of each question. */
export const answeredInput = (input: unknown, answers: readonly string[]): object => {
  const { questions } = fieldsOf(input);
  const pairs = listOf(questions).map(({ question }, at) => [textOf(question), answers[at] ?? ""]);
  return { questions, answers: Object.fromEntries(pairs) as object };
};
