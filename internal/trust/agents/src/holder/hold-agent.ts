import process from "node:process";
import {
  redactText,
  screenText,
  secretsIn,
  type Consents,
  type RulePack,
  type StartedFolder,
  type Terminal,
} from "@trust/dialog-engine";
import { createGuard, openPty, systemClock, type PtyError } from "@trust/dialog-engine/node";
import { endAgent, exitOf, lastOutputMs, shellCode } from "@gatehouse/processes";
import { endMarked, processRecords, recordOf } from "@gatehouse/processes/records";
import { abortOf, type Result } from "@gatehouse/std";
import {
  agentVariable,
  heldPlaces,
  recordFields,
  untrustedEnd,
  eventLog,
  type HeldEvent,
  type HeldPlaces,
  type HeldStatus,
  type Claimant,
  type HeldClaim,
  type HeldNotice,
} from "@gatehouse/held-client/records";
import { AgentWatch } from "./watch/agent-watch.ts";
import { keepEarlyOutput } from "./early-output.ts";
import { openControlSocket } from "./control-socket.ts";
import { serveAgent } from "./serve-agent.ts";
import { keepStatus, type KeptStatus } from "./keep-status.ts";
import { readinessUnproven } from "./messages.ts";

/** An agent to hold. Paths are absolute. */
export type HoldRequest = Claimant & {
  /** The claim of its name, made for this process. */
  readonly claim: HeldClaim;
  readonly argv: readonly [file: string, ...args: string[]];
  /** The folder's real path. */
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Null for a CLI without a rule pack. */
  readonly pack: RulePack | null;
  /** Answers given beforehand for the start, without trust: the folder was trusted before. */
  readonly consents: Consents;
  /** Typed once the agent is ready. Undefined or empty for none. */
  readonly prompt?: string | undefined;
  /** The state file that the CLI locks while it writes; null if it has no such lock. */
  readonly lockedFile: string | null;
  /** End the agent if it asks for trust, which was passed at its start: no answer is recorded here. */
  readonly endsUntrusted: boolean;
  /** Called once the agent has ended. Returns a notice for a person, for its log and status, or null. */
  readonly onEnded?: () => Promise<HeldNotice | null>;
  /** Ends the agent. */
  readonly signal: AbortSignal;
  /** Called once, when the agent runs, is recorded and can be reached by its socket. */
  readonly onHeld: (held: Held) => void;
  /** Called for each event of the agent; its log has the same events. */
  readonly onEvent: (event: HeldEvent) => void;
};

/** The fields that identify a held agent. */
export type Held = {
  readonly id: string;
  /** The holder's process: this one. */
  readonly holder: number;
  /** The agent's process, which leads its group. */
  readonly pid: number;
  readonly start: string | null;
  readonly token: number;
  /** The control socket. */
  readonly socket: string;
};

export type HoldError =
  | PtyError
  | { readonly code: "data-folder" | "socket-unusable"; readonly message: string };

const size = { columns: 120, rows: 40 };
const interrupted = 130;

/**
 * Starts an agent and holds it until it has ended: its PTY, its screen, and a control socket. Returns its
 * exit code. On return no process of its group runs, and its status has the exit code.
 */
export const holdAgent = async (request: HoldRequest): Promise<Result<number, HoldError>> => {
  const { dataDir, team, member, provider, folder } = request;
  const { id, token, since } = request.claim;
  const places = heldPlaces(dataDir);
  if (request.signal.aborted) {
    await forgetHolder(places, id);
    return { ok: true, value: interrupted };
  }
  const env = { ...request.env, [agentVariable]: id };
  const [file, ...args] = request.argv;
  const opened = await openPty({ file, args, cwd: request.cwd, env, ...size });
  if (!opened.ok) {
    await forgetHolder(places, id);
    return opened;
  }
  const terminal = keepEarlyOutput(opened.value);
  const note = notingIn(places.logOf(id), request.onEvent);
  const guard = createGuard((detail) => note({ event: "diagnostic", code: "unguarded", message: detail }));
  guard.watch(terminal.pid);
  const agent = recordOf(terminal.pid, recordFields(request.claim, request));
  const added = agent === null ? null : await processRecords(places.groups).add(agent);
  if (added?.ok === false) {
    // A later process could not find an agent without a record.
    await endAgent(terminal, request.lockedFile);
    guard.stop();
    await forgetHolder(places, id);
    return { ok: false, error: { code: "data-folder", message: added.error.message } };
  }
  const held = {
    id,
    holder: process.pid,
    pid: terminal.pid,
    start: agent?.process.start ?? null,
    token,
    socket: places.socketOf(id),
  };
  const status: HeldStatus = {
    v: 1,
    id,
    team,
    member,
    provider,
    folder,
    pid: terminal.pid,
    state: "starting",
    since,
  };
  const ended = await holdUntilEnd(request, { places, terminal, held, status, env, note });
  guard.stop();
  await forgetHolder(places, id);
  return ended;
};

/** Returns a function that writes an event to the agent's log and passes it on. */
const notingIn = (file: string, tell: (event: HeldEvent) => void): ((event: HeldEvent) => void) => {
  const log = eventLog(file, () => new Date().toISOString());
  return (event) => {
    log(event);
    tell(event);
  };
};

const forgetHolder = async (places: HeldPlaces, id: string): Promise<void> => {
  await processRecords(places.groups).remove(id);
  await processRecords(places.holders).remove(id);
};

type Opened = {
  readonly places: HeldPlaces;
  readonly terminal: Terminal;
  readonly held: Held;
  readonly status: HeldStatus;
  readonly env: Readonly<Record<string, string>>;
  readonly note: (event: HeldEvent) => void;
};

const holdUntilEnd = async (
  request: HoldRequest,
  { places, terminal, held, status: first, env, note }: Opened,
): Promise<Result<number, HoldError>> => {
  const { pack, consents, home, cwd, lockedFile, signal } = request;
  const secrets = secretsIn(env);
  const redact = (text: string): string => redactText(text, secrets, home);
  const [stop, untrusted] = [new AbortController(), new AbortController()];
  const status = keepStatus(places.stateOf(held.id), first, (now) => clients.tell(now));
  const folder: StartedFolder = { path: cwd, home };
  const watch = new AgentWatch({
    terminal,
    clock: systemClock,
    pack,
    consents,
    folder,
    ...size,
    redact,
    onChange: (view) => {
      note({ event: "state", ...view });
      // Do not publish this state, or a launch would leave the agent to a person: it ends next.
      if (request.endsUntrusted && view.question?.consent === "trust") return untrusted.abort();
      status.become(view);
      if (view.state === "ready") typeFirst();
    },
  });
  const typeFirst = oncePrompted(request.prompt, async (text) => {
    const end = await clients.typeFirst(text);
    if (end !== "later" && end !== null) {
      note({ event: "diagnostic", ...end });
      status.become({ ...watch.view(), notice: end });
    }
    return end !== "later";
  });
  const asked = { stop: () => stop.abort(), status: status.now };
  const clients = serveAgent({ watch, terminal, pack, redact, note, ...asked });
  const socket = await openControlSocket(held.socket, clients.serve);
  if (socket.ok) {
    tellStarted(request, held, { status, note });
    const ends = [signal, stop.signal, untrusted.signal].map((one) => abortOf(one));
    await Promise.race([exitOf(terminal), ...ends]);
  }
  const isStopped = signal.aborted || stop.signal.aborted;
  // Also if the agent has ended by itself: other processes of its group may still run.
  const exitCode = shellCode(await endAgent(terminal, lockedFile));
  // Processes of the agent that have left its group.
  await endMarked(agentVariable, held.id);
  await drawn(watch);
  const endedAt = isStopped ? null : untrusted.signal.aborted ? untrustedEnd : blockedAt(watch);
  watch.stop();
  if (!socket.ok) return { ok: false, error: { code: "socket-unusable", message: socket.error } };
  const notice = (await request.onEnded?.()) ?? null;
  if (notice !== null) note({ event: "diagnostic", ...notice });
  const end = {
    exitCode,
    ...(endedAt === null ? {} : { endedAt }),
    ...(notice === null ? {} : { notice }),
    screen: screenText(watch.rows(), redact),
  };
  status.become({ state: "ended", ...end });
  note({ event: "ended", ...end });
  clients.end(status.now());
  await socket.value.close();
  return { ok: true, value: exitCode };
};

/** Announces that the agent runs, is recorded, and can be reached. */
const tellStarted = (
  { pack, provider, onHeld }: HoldRequest,
  held: Held,
  { status, note }: Pick<Opened, "note"> & { readonly status: KeptStatus },
): void => {
  const notice = pack === null ? readinessUnproven(provider) : null;
  status.begin(notice);
  note({ event: "started", pid: held.pid });
  if (notice !== null) note({ event: "diagnostic", ...notice });
  onHeld(held);
};

/** The code of the screen at which the agent ended, if a person has to look at it; else null. */
const blockedAt = (watch: AgentWatch): string | null => {
  const seen = watch.seen();
  return seen?.type === "block" ? seen.rule.code : null;
};

/** Returns a function that types a prompt once. If `type` could not type it, the next call tries again. */
const oncePrompted = (prompt = "", type: (text: string) => Promise<boolean>): (() => void) => {
  let left = prompt;
  return () => {
    const text = left;
    left = "";
    if (text !== "") void type(text).then((isDone) => (left = isDone ? "" : text));
  };
};

/** Waits until the agent's last output is drawn; output may arrive after the exit. */
const drawn = async (watch: AgentWatch): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, lastOutputMs));
  for (let tries = 0; !watch.isDrawn() && tries < 100; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, lastOutputMs));
};
