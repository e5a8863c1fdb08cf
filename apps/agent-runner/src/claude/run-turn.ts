import { randomUUID } from "node:crypto";
import { claudeFloor } from "@gatehouse/provider-facts/agents";
import { fail, ok, type Result } from "@gatehouse/std";
import type { Prompt, ProviderError, TurnTools } from "../provider.ts";
import { exitFailure, interrupted, untilEnd, type RunningTurn } from "../cli-provider.ts";
import { commandTimeMs } from "../cli-tools.ts";
import { attachedContent } from "../prompt/attached-content.ts";
import { askedTools } from "./asked-tools.ts";
import type { ClaudeProgram } from "./claude-program.ts";
import { interruptFrame, promptFrame, type ClaudeResult } from "./frames.ts";
import type { PromptState } from "./transcript.ts";

export type Turn = {
  readonly prompt: Prompt;
  readonly tools: TurnTools;
  /** How far an earlier process came with the prompt. */
  readonly seen: PromptState;
  /** Called with the rules that the process gets during the turn. */
  readonly onRules: (rules: readonly string[]) => void;
};

/**
 * How long nothing may follow when Claude Code is done with a prompt that it gave no result for, ms: it takes a prompt
 * for answered that was read as open, or gave it up. The next try reads the transcript again. A continued turn is done
 * with the repeated prompt before its model answers, which may take long.
 */
const noResultMs = { absent: 10_000, answered: 10_000, open: 60_000 } as const;

const noResult: ProviderError = {
  code: "unavailable",
  message: "Claude Code gave no result for this prompt.",
};

/** Runs one turn, and returns the agent's text. */
export const runTurn = async (program: ClaudeProgram, turn: Turn): Promise<Result<string, ProviderError>> => {
  const { prompt, tools } = turn;
  const { signal } = tools;
  const files = prompt.messages.flatMap(tools.attachmentsOf);
  const attached = await attachedContent(files, ["image", "document"]);
  if (signal.aborted) return interrupted;
  const asked = askedTools(program, turn);
  let silence: NodeJS.Timeout | undefined;
  const result = new Promise<Result<string, ProviderError>>((resolve) => {
    program.listen((frame) => {
      clearTimeout(silence);
      if (frame.type === "completed" && frame.prompt === prompt.batch)
        silence = setTimeout(() => resolve(fail(noResult)), noResultMs[turn.seen.state]);
      if (frame.type === "may-use-tool") void asked.ask(frame);
      if (frame.type === "not-asked") asked.cancel(frame.requestId);
      if (frame.type === "cancelled" && frame.prompt === prompt.batch) resolve(interrupted);
      if (frame.type === "text") tools.showText(frame.text);
      if (frame.type === "tool")
        tools.setTool({
          name: frame.name,
          timeoutMs: frame.name === "Bash" ? commandTimeMs(frame.input) : null,
        });
      if (frame.type === "tool-ended") tools.setTool(null);
      // A result that names only other prompts belongs to an earlier turn.
      if (frame.type === "result" && frame.prompts?.includes(prompt.batch) !== false)
        resolve(outcomeOf(frame));
    });
  });
  program.send(promptFrame(prompt.batch, tools.promptText(prompt), attached));
  const ended = await untilTurnEnd(program, signal, result);
  clearTimeout(silence);
  return ended;
};

/** Waits for the end of a turn. */
export const untilTurnEnd = (
  program: ClaudeProgram,
  signal: AbortSignal,
  result: RunningTurn["result"],
): ReturnType<typeof untilEnd> =>
  untilEnd({
    program,
    signal,
    result,
    exited,
    interrupt: () => {
      // The prompt may still wait behind a turn that Claude Code began by itself.
      program.ownTurns.ignore();
      program.send(interruptFrame(randomUUID()));
    },
  });

export const outcomeOf = ({
  prompts,
  isError,
  text,
  status,
}: ClaudeResult): Result<string, ProviderError> => {
  if (isError) return fail({ code: isTemporary(status) ? "unavailable" : "failed", message: text });
  if (prompts === null)
    return fail({
      code: "failed",
      message: `This Claude Code is too old: ${claudeFloor} or newer is needed.`,
    });
  return ok(text);
};

/** The statuses of a service that is overloaded or away. */
const isTemporary = (status: number | null): boolean => status === 429 || (status !== null && status >= 500);

const exited: typeof exitFailure = (exit) => {
  const { message } = exit;
  if (/No conversation found/.test(message)) return fail({ code: "invalid-conversation", message });
  if (/unknown option/.test(message))
    return fail({
      code: "failed",
      message: `This Claude Code is too old: ${claudeFloor} or newer is needed. ${message}`,
    });
  return exitFailure(exit);
};
