import { randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { textIfThere } from "../files.ts";
import { turnAnswers } from "../prompt/turn-answers.ts";
import type {
  OwnTurn,
  Prompt,
  Provider,
  ProviderError,
  ProviderPlace,
  TurnEnd,
  TurnTools,
} from "../provider.ts";
import { compact } from "./compact.ts";
import { interruptFrame } from "./frames.ts";
import { claudeCommand, claudeEnvironment } from "./claude-command.ts";
import { claudePath, writeClaudeFiles } from "./claude-files.ts";
import { startClaude, type ClaudeProgram, type ClaudeStart } from "./claude-program.ts";
import { interrupted, runTurn, type Turn } from "./run-turn.ts";
import { currentTools } from "./own-tools.ts";
import { sessionIdOf } from "./session-id.ts";
import { hasConversation, linesOf, ownTurnsIn, promptStateIn, type PromptState } from "./transcript.ts";

/**
 * Claude Code as one long-lived process, with one batch in flight. A batch's UUID is the UUID of its prompt, so the
 * transcript says after a kill how far it came:
 *
 * - absent: it is sent;
 * - open: the process is started with CLAUDE_CODE_RESUME_INTERRUPTED_TURN, which continues the turn, and the same
 *   UUID is sent again, which Claude Code ignores;
 * - answered: the answer is read from the transcript, and nothing is sent.
 */
export const claude = (place: ProviderPlace): Provider => {
  let conversation: string | null = null;
  let running: Running | null = null;
  /** The end of the last turn; an interrupted one may still be ending when the next begins. */
  let ending: Promise<unknown> = Promise.resolve();
  const current = currentTools();
  let onOwnTurn: (turn: OwnTurn) => void = () => {};

  const end = (): void => {
    running?.program.kill();
    running = null;
  };

  const turn = async (prompt: Prompt, tools: TurnTools): Promise<Result<TurnEnd, ProviderError>> => {
    if (tools.signal.aborted) return interrupted;
    if (prompt.compacts === true && conversation === null)
      return ok(turnEnd("There is nothing to compact yet.", prompt, null));
    const session = conversation ?? sessionIdOf(prompt.batch);
    if (running !== null && !goesOn(running, session, tools.toolRules)) end();
    let seen: PromptState = { state: "absent" };
    if (running === null) {
      const isKnown = conversation !== null && conversation !== sessionIdOf(prompt.batch);
      const ports = { hostTools: current.get, onOwnTurn: (own: OwnTurn) => onOwnTurn(own) };
      const opened = await open(place, { session, isKnown, prompt, tools, ...ports });
      if (!opened.ok) return opened;
      ({ seen, running } = opened.value);
    }
    // The next turn goes on in it, also if this one is interrupted.
    conversation = session;
    if (seen.state === "answered") return ok(turnEnd(seen.text, prompt, session));
    if (running === null) return interrupted;
    const used = running;
    const result = await current.during(tools, seen, () =>
      prompt.compacts === true ? compact(used.program, tools.signal) : turnIn(used, { prompt, tools, seen }),
    );
    // An error of the API stays in the process, which ignores the same prompt; the next try needs a new one.
    if (!result.ok && !tools.signal.aborted) end();
    return result.ok ? ok(turnEnd(result.value, prompt, session)) : result;
  };

  return {
    name: "claude",
    ...{ stop: end, compacts: true },
    ownTurns: {
      ...{ listen: (listener) => void (onOwnTurn = listener), end },
      interrupt: () => interruptOwn(running),
    },
    start: (kept) => {
      if (kept !== conversation) end();
      conversation = kept;
      return Promise.resolve(ok(null));
    },
    turn: (prompt, tools) => {
      const ended = ending.then(() => turn(prompt, tools));
      ending = ended.catch(() => {});
      return ended;
    },
  };
};

/**
 * How old a turn of Claude Code's own may be that is reported again from the transcript, ms. The host delivers it once,
 * as long as it keeps its messages.
 */
const reportedAgainMs = 86_400_000;

type Running = {
  readonly session: string;
  readonly program: ClaudeProgram;
  /** The rules that the process allows tools by. */
  readonly rules: Set<string>;
};

/**
 * Whether the process serves the next turn too. Claude Code reads its rules only when it starts, so one with other
 * rules is ended: a deleted rule must not count any more.
 */
const goesOn = ({ session, program, rules }: Running, next: string, wanted: readonly string[]): boolean =>
  session === next &&
  program.isRunning() &&
  rules.size === new Set(wanted).size &&
  wanted.every((rule) => rules.has(rule));

/** Runs one turn. The rules that a person gives in it count at once. */
const turnIn = ({ program, rules }: Running, turn: Omit<Turn, "onRules">): ReturnType<typeof runTurn> =>
  runTurn(program, { ...turn, onRules: (more) => more.forEach((rule) => rules.add(rule)) });

/** Ends the turn that a process has begun by itself. False if there is none. */
const interruptOwn = (running: Running | null): boolean => {
  if (running?.program.isRunning() !== true || !running.program.ownTurns.isInTurn()) return false;
  running.program.ownTurns.ignore();
  running.program.send(interruptFrame(randomUUID()));
  return true;
};

type Opening = Pick<Start, "session" | "hostTools" | "onOwnTurn"> & {
  /** The conversation was begun by an earlier batch, so it has to be there. */
  readonly isKnown: boolean;
  readonly prompt: Prompt;
  readonly tools: TurnTools;
};

/** How far an earlier process came with the prompt, and a new process; null if the prompt is answered. */
type Opened = { readonly seen: PromptState; readonly running: Running | null };

/** Opens a session from its transcript. */
const open = async (
  place: ProviderPlace,
  { session, isKnown, prompt, tools, ...ports }: Opening,
): Promise<Result<Opened, ProviderError>> => {
  const found = await readSession(place, session);
  if (found === null && isKnown)
    return fail({ code: "invalid-conversation", message: `Claude Code has no session ${session}.` });
  // A repeated order to compact is a new command.
  const seen: PromptState =
    found === null || prompt.compacts === true ? { state: "absent" } : promptStateIn(found, prompt.batch);
  ownTurnsIn(found ?? [], Date.now() - reportedAgainMs).forEach(ports.onOwnTurn);
  if (tools.signal.aborted) return interrupted;
  if (seen.state === "answered") return ok({ seen, running: null });
  const options = { isResumed: found !== null, rules: new Set(tools.toolRules) };
  const running = await start(place, { session, seen, ...options, ...ports });
  if (!tools.signal.aborted) return ok({ seen, running });
  running.program.kill();
  return interrupted;
};

/** The start of a process. */
type Start = {
  readonly session: string;
  readonly isResumed: boolean;
  readonly seen: PromptState;
  readonly rules: Set<string>;
} & Pick<ClaudeStart, "hostTools" | "onOwnTurn">;

/** Starts the process of a session. */
const start = async (
  { folder, cwd, env, json, gateway }: ProviderPlace,
  { session, isResumed, seen, rules, hostTools, onOwnTurn }: Start,
): Promise<Running> => {
  const { mcpServers, model, effort } = json;
  const made = await writeClaudeFiles({
    folder,
    cwd,
    mcpServers,
    rules: [...rules],
    apiKeyHelper: gateway?.tokenCommand ?? null,
  });
  const baseUrl = gateway?.url ?? null;
  const program = startClaude({
    command: claudeCommand({ folder: made, session, isResumed, model, effort }),
    cwd,
    env: claudeEnvironment(env, { folder: made, baseUrl, reruns: seen.state === "open" }),
    ...{ hostTools, onOwnTurn },
  });
  return { session, program, rules };
};

/** The lines of a session's transcript; null if there is no conversation in it. */
const readSession = async ({ folder }: ProviderPlace, session: string) => {
  const projects = join(claudePath(folder), "projects");
  for (const name of await namesIn(projects)) {
    const path = join(projects, name, `${session}.jsonl`);
    const text = await textIfThere(path);
    if (text === null) continue;
    const lines = linesOf(text);
    if (hasConversation(lines)) return lines;
    // Killed before it kept anything: `--resume` finds no conversation, and `--session-id` finds the id in use.
    await rm(path);
  }
  return null;
};

const namesIn = (path: string): Promise<readonly string[]> =>
  readdir(path).catch((error: unknown) => (systemCode(error), []));

const turnEnd = (text: string, prompt: Prompt, conversation: string | null): TurnEnd => ({
  answers: turnAnswers(text, prompt),
  conversation,
});
