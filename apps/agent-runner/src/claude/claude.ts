import { createHash, randomUUID } from "node:crypto";
import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { cliProvider, cliSession, interrupted } from "../cli-provider.ts";
import { textIfThere } from "../files.ts";
import type {
  OwnTurn,
  Prompt,
  Provider,
  ProviderError,
  ProviderPlace,
  ServerState,
  TurnTools,
} from "../provider.ts";
import { claudePath } from "./claude-files.ts";
import { startClaude, type ClaudePorts, type ClaudeProgram } from "./claude-program.ts";
import { compact } from "./compact.ts";
import { interruptFrame } from "./frames.ts";
import { runTurn } from "./run-turn.ts";
import {
  hasConversation,
  linesOf,
  ownTurnsIn,
  promptStateIn,
  sentBefore,
  type PromptState,
} from "./transcript.ts";

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
  const session = cliSession<Running>();
  /** The tools of the running turn. */
  let current: TurnTools | null = null;
  let onOwnTurn: (turn: OwnTurn) => void = () => {};
  let onServer: (state: ServerState) => void = () => {};
  const ports: ClaudePorts = {
    hostTools: () => (current?.signal.aborted === false ? current.hostTools : null),
    onOwnTurn: (turn) => onOwnTurn(turn),
    onServer: (state) => onServer(state),
  };

  const run = async (prompt: Prompt, tools: TurnTools): Promise<Result<string, ProviderError>> => {
    const begun = sessionIdOf(prompt.batch);
    const id = session.conversation ?? begun;
    if (session.running !== null && !goesOn(session.running, id, tools.toolRules)) session.end();
    let seen: PromptState = { state: "absent" };
    if (session.running === null) {
      const opened = await open(place, { id, isKnown: id !== begun, prompt, tools, ports });
      if (!opened.ok) return opened;
      ({ seen, running: session.running } = opened.value);
    }
    session.conversation = id;
    if (seen.state === "answered") return ok(seen.text);
    const { running } = session;
    if (running === null) return interrupted;
    tools.hostTools.begin(seen.state === "open" ? sentBefore(seen.toolUses) : []);
    current = tools;
    const { program, rules } = running;
    const onRules = (more: readonly string[]): void => more.forEach((rule) => rules.add(rule));
    const result = await (prompt.compacts === true
      ? compact(program, tools.signal)
      : runTurn(program, { prompt, tools, seen, onRules }));
    current = null;
    return result;
  };

  return {
    ...cliProvider("claude", session, run),
    compacts: true,
    servers: { listen: (listener) => void (onServer = listener) },
    ownTurns: {
      listen: (listener) => void (onOwnTurn = listener),
      end: session.end,
      interrupt: () => interruptOwn(session.running),
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

/** Ends the turn that a process has begun by itself. False if there is none. */
const interruptOwn = (running: Running | null): boolean => {
  if (running?.program.isRunning() !== true || !running.program.ownTurns.isInTurn()) return false;
  running.program.ownTurns.ignore();
  running.program.send(interruptFrame(randomUUID()));
  return true;
};

type Opening = {
  /** The id of the session. */
  readonly id: string;
  /** The conversation was begun by an earlier batch, so it has to be there. */
  readonly isKnown: boolean;
  readonly prompt: Prompt;
  readonly tools: TurnTools;
  readonly ports: ClaudePorts;
};

/** How far an earlier process came with the prompt, and a new process; null if the prompt is answered. */
type Opened = { readonly seen: PromptState; readonly running: Running | null };

/** Opens a session from its transcript. */
const open = async (
  place: ProviderPlace,
  { id, isKnown, prompt, tools, ports }: Opening,
): Promise<Result<Opened, ProviderError>> => {
  const found = await readSession(place, id);
  if (found === null && isKnown)
    return fail({ code: "invalid-conversation", message: `Claude Code has no session ${id}.` });
  // A repeated order to compact is a new command.
  const seen: PromptState =
    found === null || prompt.compacts === true ? { state: "absent" } : promptStateIn(found, prompt.batch);
  ownTurnsIn(found ?? [], Date.now() - reportedAgainMs).forEach(ports.onOwnTurn);
  if (tools.signal.aborted) return interrupted;
  if (seen.state === "answered") return ok({ seen, running: null });
  const rules = [...new Set(tools.toolRules)];
  const unfinished = seen.state === "open" ? { reruns: true, said: seen.said } : { reruns: false, said: "" };
  const options = { session: id, isResumed: found !== null, ...unfinished, rules };
  const program = await startClaude(place, { ...options, ...ports });
  if (!tools.signal.aborted) return ok({ seen, running: { session: id, program, rules: new Set(rules) } });
  program.kill();
  return interrupted;
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

/**
 * The session's UUID of a new conversation, made from the batch that begins it (UUID version 5, RFC 9562). The host
 * keeps the batch before it is sent, so the next runner finds the transcript of one that was killed in its first turn.
 */
const sessionIdOf = (batch: string): string => {
  const bytes = createHash("sha1").update(`gatehouse claude session\n${batch}`).digest().subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
};
