import { textOf, type Fields } from "@gatehouse/std";
import { hostToolNames } from "../host-tools/tool-names.ts";
import { toolKey, toolRequests } from "../cli-tools.ts";
import { escapeText } from "../prompt/markup.ts";
import type { CodexProgram } from "./codex-program.ts";
import { changesIn, permissionFrame, turnInput, type ToolQuestion } from "./frames.ts";
import type { Turn } from "./turn-record.ts";

/** Passes Codex's questions on to a person, and their answers back. */
export type AskedTools = {
  readonly ask: (question: ToolQuestion) => Promise<void>;
  /** Sees an item of the turn: the question about a change of files names only its item. */
  readonly see: (item: Fields) => void;
};

/**
 * The tools of one turn. After a kill the turn is done again from its beginning, so a tool that was allowed in an
 * earlier try may have run. The record is written before Codex hears that a tool is allowed.
 */
export const askedTools = (program: CodexProgram, turn: Turn): AskedTools => {
  const { prompt, tools, record, keepRecord } = turn;
  const changes = new Map<string, readonly Fields[]>();
  const requests = toolRequests(prompt);
  const allowed = [...record.allowed];
  const earlier = new Set(record.allowed.map(({ tool, input }) => toolKey(tool, input)));
  const ask = async (question: ToolQuestion): Promise<void> => {
    const { tool } = question;
    if (hostToolNames.includes(tool)) return program.send(permissionFrame(question, true));
    const input = question.input ?? { changes: changes.get(question.item) ?? null };
    // A person cannot allow what cannot be shown.
    if (input["changes"] === null) return program.send(permissionFrame(question, false));
    const mayHaveRun = earlier.has(toolKey(tool, input));
    const decision = await tools.askTool(requests.next(tool, input, mayHaveRun));
    if (tools.signal.aborted || !program.isRunning()) return;
    if (decision.behavior === "allow") {
      allowed.push({ tool, input });
      await keepRecord({ ...record, allowed: [...allowed] });
    } else if (decision.behavior === "deny") await explain(program, turn, question, decision.message);
    program.send(permissionFrame(question, decision.behavior === "allow"));
  };
  return {
    ask,
    see: (item) => {
      const shown = changesIn(item);
      if (shown !== null) changes.set(textOf(item["id"]), shown);
    },
  };
};

/** Tells the agent why a tool is denied: a denial itself has no words, so they join the running turn before it. */
const explain = async (
  program: CodexProgram,
  { threadId }: Turn,
  { tool, turn }: ToolQuestion,
  message: string,
): Promise<void> => {
  const text = `<system>${escapeText(`The tool ${tool} was denied: ${message}`)}</system>`;
  await program.call("turn/steer", { threadId, expectedTurnId: turn, input: turnInput(text) });
};
