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
import { agentVariable, heldPlaces, type HeldPlaces } from "../records/held-places.ts";
import { recordFields, type Claimant, type HeldClaim } from "../records/held-claim.ts";
import { untrustedEnd, type HeldNotice, type HeldStatus } from "../records/held-state.ts";
import { AgentWatch } from "./watch/agent-watch.ts";
import { keepEarlyOutput } from "./early-output.ts";
import { openControlSocket } from "./control-socket.ts";
import { eventLog, type HeldEvent } from "./event-log.ts";
import { serveAgent } from "./serve-agent.ts";
import { keepStatus, type KeptStatus } from "./keep-status.ts";
import { readinessUnproven } from "./notices.ts";

/** An agent to be held. Paths are absolute. */
export type HoldRequest = Claimant & {
  /** Its name was claimed for this process. */
  readonly claim: HeldClaim;
  readonly argv: readonly [file: string, ...args: string[]];
  /** The folder's real path. */
  readonly cwd: string;
  readonly home: string;
  readonly env: Readonly<Record<string, string>>;
  /** Null for a CLI whose screens no rule knows. */
  readonly pack: RulePack | null;
  /** Answers given beforehand, without trust: the folder was trusted before. They count for the start alone. */
  readonly consents: Consents;
  /** Typed once the agent is ready. Undefined or empty for none. */
  readonly prompt?: string | undefined;
  /** The state file that the CLI locks while it writes; null if it has no such lock. */
  readonly lockedFile: string | null;
  /** End the agent where it asks for trust: it was passed at its start, and no answer here would record it. */
  readonly endsUntrusted: boolean;
  /** Asked once the agent has ended: something that a person should know, for its log and its status. */
  readonly onEnded?: () => Promise<HeldNotice | null>;
  /** Ends the agent. */
  readonly signal: AbortSignal;
  /** Called once, when the agent runs, is recorded and can be asked. */
  readonly onHeld: (held: Held) => void;
  /** Called for all that happens to it, which its log holds too. */
  readonly onEvent: (event: HeldEvent) => void;
};

export type Held = {
  readonly id: string;
  /** The holder, which is this process. */
  readonly holder: number;
  /** The agent's process, which leads its group. */
  readonly pid: number;
  readonly start: string | null;
  readonly token: number;
  readonly socket: string;
};

export type HoldError =
  PtyError | { readonly code: "data-folder" | "socket-unusable"; readonly message: string };

const size = { columns: 120, rows: 40 };
const interrupted = 130;

/**
 * Starts an agent and holds it until it has ended: its PTY, its screen, and a socket by which it is watched, spoken
 * to and stopped. Returns its exit code. By then no process of its group runs, and its status says how it ended.
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
    // Unrecorded it could not be found again.
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
  const ended = await stay(request, { places, terminal, held, status, env, note });
  guard.stop();
  await forgetHolder(places, id);
  return ended;
};

/** Writes events to the agent's log and tells them. */
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

type Stay = {
  readonly places: HeldPlaces;
  readonly terminal: Terminal;
  readonly held: Held;
  readonly status: HeldStatus;
  readonly env: Readonly<Record<string, string>>;
  readonly note: (event: HeldEvent) => void;
};

const stay = async (
  request: HoldRequest,
  { places, terminal, held, status: first, env, note }: Stay,
): Promise<Result<number, HoldError>> => {
  const { pack, consents, home, cwd, lockedFile, signal } = request;
  const secrets = secretsIn(env);
  const redact = (text: string): string => redactText(text, secrets, home);
  const [stop, untrusted] = [new AbortController(), new AbortController()];
  const status = keepStatus(places.stateOf(held.id), first, (now) => clients.tell(now));
  const folder: StartedFolder = { path: cwd, home };
  const watch = new AgentWatch({
    ...{ terminal, clock: systemClock, pack, consents, folder, ...size, redact },
    onChange: (view) => {
      note({ event: "state", ...view });
      // The end is its next state: a launch that saw it wait would leave it to a person.
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
  // Also where it has ended by itself: others of its group may run on.
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

/** The agent runs, is recorded, and can be asked. */
const tellStarted = (
  { pack, provider, onHeld }: HoldRequest,
  held: Held,
  { status, note }: Pick<Stay, "note"> & { readonly status: KeptStatus },
): void => {
  const notice = pack === null ? readinessUnproven(provider) : null;
  status.become({ state: "starting", ...(notice === null ? {} : { notice }) });
  note({ event: "started", pid: held.pid });
  if (notice !== null) note({ event: "diagnostic", ...notice });
  onHeld(held);
};

/** Why a person has to see to the last screen; null if they need not. */
const blockedAt = (watch: AgentWatch): string | null => {
  const seen = watch.seen();
  return seen?.type === "block" ? seen.rule.code : null;
};

/** Types a prompt at the first call, and again at a later one while `type` says that nothing could be typed. */
const oncePrompted = (prompt = "", type: (text: string) => Promise<boolean>): (() => void) => {
  let left = prompt;
  return () => {
    const text = left;
    left = "";
    if (text !== "") void type(text).then((isDone) => (left = isDone ? "" : text));
  };
};

/** The agent's last output, which may come after its exit. */
const drawn = async (watch: AgentWatch): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, lastOutputMs));
  for (let tries = 0; !watch.isDrawn() && tries < 100; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, lastOutputMs));
};
