import { realpath } from "node:fs/promises";
import { ok, type Result } from "@gatehouse/std";
import { turnAnswers } from "../prompt/turn-answers.ts";
import type { Prompt, Provider, ProviderError, ProviderPlace, TurnEnd, TurnTools } from "../provider.ts";
import { codexCommand, codexEnvironment } from "./codex-command.ts";
import { writeCodexFiles } from "./codex-files.ts";
import { startCodex, type CodexProgram } from "./codex-program.ts";
import { introduce, resumeThread, skillNames, startThread } from "./open-thread.ts";
import { interrupted, runTurn } from "./run-turn.ts";
import { tryingSandbox, type SandboxMode } from "./sandbox.ts";
import { withoutMentions } from "./skill-names.ts";
import { keepTurnRecord, readTurnRecord } from "./turn-record.ts";

/** A Codex that runs, and the thread that it has open. */
type Running = {
  readonly program: CodexProgram;
  readonly skills: readonly string[];
  readonly sandbox: SandboxMode;
  readonly cwd: string;
  threadId: string | null;
};

/**
 * Codex as one long-lived `codex app-server`, with one batch in flight. A batch's UUID is the client id of its prompt,
 * so the thread says after a kill how far it came:
 *
 * - absent: it is sent;
 * - open: its turn is reverted, and it is sent again: Codex continues no turn, and knows no prompt twice;
 * - answered: the answer is read from the thread, and nothing is sent.
 */
export const codex = (place: ProviderPlace): Provider => {
  let conversation: string | null = null;
  let running: Running | null = null;
  let sandbox: SandboxMode | null = null;
  /** The end of the last turn; an interrupted one may still be ending when the next begins. */
  let ending: Promise<unknown> = Promise.resolve();

  const end = (): void => {
    running?.program.kill();
    running = null;
  };

  /** The running Codex, or a new one. */
  const opened = async (signal: AbortSignal): Promise<Result<Running, ProviderError>> => {
    if (running !== null && running.program.isRunning()) return ok(running);
    end();
    const started = await start(place, sandbox, signal);
    if (started.ok) ({ sandbox } = running = started.value);
    return started;
  };

  const turn = async (prompt: Prompt, tools: TurnTools): Promise<Result<TurnEnd, ProviderError>> => {
    if (tools.signal.aborted) return interrupted;
    if (prompt.compacts === true && conversation === null) return nothingToCompact(prompt);
    const open = await opened(tools.signal);
    if (!open.ok) return open;
    const found = await threadFor(place, open.value, { conversation, batch: prompt.batch });
    if (!found.ok) return found;
    const { threadId, answer } = found.value;
    // The next turn goes on in it, also if this one is interrupted.
    conversation = threadId;
    if (answer !== null) return ok({ answers: turnAnswers(answer, prompt), conversation });
    const text = withoutMentions(tools.promptText(prompt), open.value.skills);
    const record = await readTurnRecord(place.folder, prompt.batch);
    const keepRecord = (next: typeof record) => keepTurnRecord(place.folder, prompt.batch, next);
    const result = await runTurn(open.value.program, { prompt, tools, threadId, text, record, keepRecord });
    return result.ok ? ok({ answers: answersOf(prompt, result.value), conversation }) : result;
  };

  return {
    name: "codex",
    ...{ stop: end, compacts: true },
    start: (kept) => {
      if (kept !== conversation) end();
      conversation = kept;
      return Promise.resolve(ok(null));
    },
    turn: (prompt, tools) => {
      const ended = ending
        .then(() => turn(prompt, tools))
        .then((result) => {
          // A failed turn stays in the thread. The next try reads it there, and reverts it.
          if (!result.ok && !tools.signal.aborted) end();
          return result;
        });
      ending = ended.catch(() => {});
      return ended;
    },
  };
};

const nothingToCompact = (prompt: Prompt): Result<TurnEnd, never> =>
  ok({ answers: turnAnswers("There is nothing to compact yet.", prompt), conversation: null });

/** A turn that compacts says nothing. */
const answersOf = (prompt: Prompt, text: string): TurnEnd["answers"] =>
  turnAnswers(prompt.compacts === true ? "The conversation is compacted." : text, prompt);

/** Starts Codex for a workload. `known`: the sandbox that an earlier start tried. */
const start = async (
  { folder, cwd: given, env: own, json, gateway, toolProgram }: ProviderPlace,
  known: SandboxMode | null,
  signal: AbortSignal,
): Promise<Result<Running, ProviderError>> => {
  const cwd = await realpath(given);
  await writeCodexFiles({ folder, cwd, settings: { ...json, gateway, toolProgram } });
  const env = codexEnvironment(own, folder);
  const sandbox = known ?? (await tryingSandbox(cwd, env));
  if (signal.aborted) return interrupted;
  const program = startCodex({ command: codexCommand(cwd), cwd, env });
  const stop = (): void => program.kill();
  signal.addEventListener("abort", stop, { once: true });
  const introduced = await introduce(program);
  const skills = introduced.ok ? await skillNames(program, cwd) : [];
  signal.removeEventListener("abort", stop);
  if (introduced.ok && !signal.aborted) return ok({ program, skills, sandbox, cwd, threadId: null });
  program.kill();
  return introduced.ok ? interrupted : introduced;
};

type Found = {
  readonly threadId: string;
  /** The answer of an earlier try; null if the prompt has to be sent. */
  readonly answer: string | null;
};

/** Opens the thread of a batch: the conversation's, the one that an earlier runner began for it, or a new one. */
const threadFor = async (
  { folder, json }: ProviderPlace,
  running: Running,
  { conversation, batch }: { readonly conversation: string | null; readonly batch: string },
): Promise<Result<Found, ProviderError>> => {
  const { program, cwd, sandbox } = running;
  const place = { json, cwd, sandbox };
  const begun = (await readTurnRecord(folder, batch)).thread;
  const threadId = conversation ?? begun;
  if (threadId !== null && threadId === running.threadId) return ok({ threadId, answer: null });
  if (threadId !== null) {
    const seen = await resumeThread(program, place, { threadId, clientId: batch });
    // Killed before its first turn was on disk: nothing was sent.
    const wasEmpty = !seen.ok && seen.error.code === "invalid-conversation" && threadId === begun;
    if (!wasEmpty && !seen.ok) return seen;
    if (seen.ok) {
      running.threadId = threadId;
      return ok({ threadId, answer: seen.value.state === "answered" ? seen.value.text : null });
    }
  }
  const started = await startThread(program, place);
  if (!started.ok) return started;
  const { allowed } = await readTurnRecord(folder, batch);
  await keepTurnRecord(folder, batch, { thread: started.value, allowed });
  running.threadId = started.value;
  return ok({ threadId: started.value, answer: null });
};
