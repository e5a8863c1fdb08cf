import { fail, ok, type Result } from "@gatehouse/std";
import type { CliExit, CliProgram } from "./cli-program.ts";
import { limits } from "./limits.ts";
import type { Prompt, Provider, ProviderError, TurnTools, Answer } from "./provider.ts";
import { isPrompt } from "./loop/next-work.ts";
import { answersIn } from "./prompt/answers-in.ts";

/** The process and the conversation of a CLI, which the turns of its provider share. */
export type CliSession<Running> = {
  /** The conversation of the next turn; null for a new one. */
  conversation: string | null;
  running: Running | null;
  /** Ends the process. */
  readonly end: () => void;
};

type WithProgram = { readonly program: Pick<CliProgram, "isRunning" | "kill"> };

export const cliSession = <Running extends WithProgram>(): CliSession<Running> => {
  const session: CliSession<Running> = {
    conversation: null,
    running: null,
    end: () => {
      session.running?.program.kill();
      session.running = null;
    },
  };
  return session;
};

/**
 * Makes the provider of a CLI: one long-lived process with one batch in flight. `run` returns the agent's text. It
 * sets the session's conversation before it sends a prompt, so the next turn goes on there after an interrupt too. A
 * failed turn ends the process, which may hold the error or ignore a repeated prompt.
 */
export const cliProvider = <Running extends WithProgram>(
  name: string,
  session: CliSession<Running>,
  run: (prompt: Prompt, tools: TurnTools) => Promise<Result<string, ProviderError>>,
): Provider => {
  /** The end of the last turn; an interrupted one may still be ending when the next begins. */
  let ending: Promise<unknown> = Promise.resolve();
  const textOf = async (prompt: Prompt, tools: TurnTools): Promise<Result<string, ProviderError>> => {
    if (tools.signal.aborted) return interrupted;
    if (prompt.compacts === true && session.conversation === null)
      return ok("There is nothing to compact yet.");
    if (session.running?.program.isRunning() === false) session.end();
    const text = await run(prompt, tools);
    if (!text.ok && !tools.signal.aborted) session.end();
    return text;
  };
  return {
    name,
    stop: session.end,
    start: (kept) => {
      if (kept !== session.conversation) session.end();
      session.conversation = kept;
      return Promise.resolve(ok(null));
    },
    turn: (prompt, tools) => {
      const ended = ending.then(async () => {
        const text = await textOf(prompt, tools);
        if (!text.ok) return text;
        return ok({ answers: turnAnswers(text.value, prompt), conversation: session.conversation });
      });
      ending = ended.catch(() => {});
      return ended;
    },
  };
};

/**
 * The answers in the text that ends an agent's turn. Without any block of the form, the whole text answers the last
 * prompt: a sender waits for it.
 */
const turnAnswers = (text: string, { messages }: Pick<Prompt, "messages">): readonly Answer[] => {
  const inReplyTo = messages.findLast(isPrompt)?.id ?? null;
  const blocks = answersIn(text);
  if (blocks.length > 0) return blocks.map((block) => ({ ...block, inReplyTo }));
  return text.trim() === "" ? [] : [{ text: text.trim(), inReplyTo }];
};

/** The result of an aborted turn; the runner ignores it. */
export const interrupted: Result<never, ProviderError> = fail({
  code: "failed",
  message: "The turn was interrupted.",
} as const);

/** The error of a program that has exited: it may have been killed, so the turn is tried again. */
export const exitFailure = ({ wasStarted, message }: CliExit): Result<never, ProviderError> =>
  fail({ code: wasStarted ? "unavailable" : "failed", message });

export type RunningTurn = {
  readonly program: Pick<CliProgram, "exited" | "kill"> & { readonly listen: (listener: null) => void };
  readonly signal: AbortSignal;
  /** Asks the CLI to end the turn. A turn that does not end is killed with its process. */
  readonly interrupt: () => void;
  /** Resolves when the CLI ends the turn. */
  readonly result: Promise<Result<string, ProviderError>>;
  readonly exited?: typeof exitFailure;
};

/** Waits for the end of a turn: its result, the abort of its signal, or the exit of the program. Then stops listening. */
export const untilEnd = async (turn: RunningTurn): Promise<Result<string, ProviderError>> => {
  const { program, signal, interrupt, result, exited = exitFailure } = turn;
  let late: NodeJS.Timeout | undefined;
  const abort = (): void => {
    // A turn that is left to the next runner is cut as by a kill, so the CLI's records show it as open.
    if (signal.reason !== "interrupt") return program.kill();
    interrupt();
    late = setTimeout(program.kill, limits.interruptMs);
  };
  signal.addEventListener("abort", abort, { once: true });
  const ended = await Promise.race([result, program.exited.then(exited)]);
  signal.removeEventListener("abort", abort);
  clearTimeout(late);
  program.listen(null);
  return signal.aborted ? interrupted : ended;
};
