import { realpath } from "node:fs/promises";
import { ok, type Result } from "@gatehouse/std";
import { cliProvider, cliSession, interrupted } from "../cli-provider.ts";
import type { Prompt, Provider, ProviderError, ProviderPlace, ServerState, TurnTools } from "../provider.ts";
import { writeCodexFiles } from "./codex-files.ts";
import {
  codexCommand,
  codexEnvironment,
  startCodex,
  tryingSandbox,
  type CodexProgram,
  type SandboxMode,
} from "./codex-program.ts";
import { introduce, resumeThread, skillNames, startThread } from "./open-thread.ts";
import { runTurn } from "./run-turn.ts";
import { sendAtOnce } from "./send-at-once.ts";
import { withoutMentions } from "./skill-names.ts";
import type { PromptState } from "./thread.ts";
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
  const session = cliSession<Running>();
  let sandbox: SandboxMode | null = null;
  let onServer: (state: ServerState) => void = () => {};

  const run = async (prompt: Prompt, tools: TurnTools): Promise<Result<string, ProviderError>> => {
    if (session.running === null) {
      const started = await start(place, { sandbox, onServer }, tools.signal);
      if (!started.ok) return started;
      ({ sandbox } = session.running = started.value);
    }
    const { running, conversation } = session;
    const found = await threadFor(place, running, { conversation, batch: prompt.batch });
    if (!found.ok) return found;
    const { threadId, answer } = found.value;
    session.conversation = threadId;
    if (answer !== null) {
      const atOnce = sendAtOnce(tools.hostTools);
      // The kill may have come between Codex's record of a message and ours.
      for (const sent of answer.sent) atOnce.send(sent);
      return ok(await atOnce.before(answer.text));
    }
    const text = withoutMentions(tools.promptText(prompt), running.skills);
    const record = await readTurnRecord(place.folder, prompt.batch);
    const keepRecord = (next: typeof record) => keepTurnRecord(place.folder, prompt.batch, next);
    const result = await runTurn(running.program, { prompt, tools, threadId, text, record, keepRecord });
    // A turn that compacts has no text.
    return result.ok && prompt.compacts === true ? ok("The conversation is compacted.") : result;
  };

  return {
    ...cliProvider("codex", session, run),
    compacts: true,
    servers: { listen: (listener) => void (onServer = listener) },
  };
};

type Starting = {
  /** The sandbox that an earlier start tried. */
  readonly sandbox: SandboxMode | null;
  readonly onServer: (state: ServerState) => void;
};

/** Starts Codex for a workload. */
const start = async (
  place: ProviderPlace,
  { sandbox: known, onServer }: Starting,
  signal: AbortSignal,
): Promise<Result<Running, ProviderError>> => {
  const cwd = await realpath(place.cwd);
  await writeCodexFiles(place);
  const env = codexEnvironment(place.env, place.folder);
  const sandbox = known ?? (await tryingSandbox(cwd, env));
  if (signal.aborted) return interrupted;
  const program = startCodex({ command: codexCommand(cwd), cwd, env, onServer });
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
  readonly answer: Extract<PromptState, { state: "answered" }> | null;
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
      return ok({ threadId, answer: seen.value.state === "answered" ? seen.value : null });
    }
  }
  const started = await startThread(program, place);
  if (!started.ok) return started;
  const { allowed } = await readTurnRecord(folder, batch);
  await keepTurnRecord(folder, batch, { thread: started.value, allowed });
  running.threadId = started.value;
  return ok({ threadId: started.value, answer: null });
};
