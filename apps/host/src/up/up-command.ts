import { join } from "node:path";
import { constants } from "node:os";
import process from "node:process";
import { confirm } from "@clack/prompts";
import { closedFolder, dataFolder } from "@gatehouse/fs-kit";
import { printFailure, printJson, type Failure, type Io } from "@gatehouse/cli-kit";
import { socketPathProblem } from "@gatehouse/socket-server";
import { abortOf, ok, shellWord, type Result } from "@gatehouse/std";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";
import { actForOwner, pidFileIn, removePid, restoredProblem, runningHost } from "@gatehouse/data-folder";
import { chooseForFolder, type RuntimeFlags } from "@gatehouse/places";
import { placeFacts } from "@gatehouse/places/facts";
import type { Upstreams } from "@gatehouse/gateway/options";
import { endHost } from "../down/end-host.ts";
import { doctorFlags } from "../console/run-doctor.ts";
import type { HealthAddress } from "./serve-health.ts";
import type { Listen } from "./open-tls-door.ts";
import type { ConsoleAddress } from "./serve-pages.ts";
import { startHost } from "./start-host.ts";
import { keyFileVariable } from "@gatehouse/shared-settings";
import { usersFileOf } from "@gatehouse/people";

/** The flags of `gatehouse up`, parsed. */
export type UpFlags = DatabaseFlags &
  RuntimeFlags & {
    readonly data?: string;
    readonly usersFile?: string;
    /** Days. */
    readonly keepMessages?: number;
    /** Minutes. */
    readonly endIdle?: number;
    /** `--upstream PROVIDER=URL`, parsed; the last one of each provider. */
    readonly upstream?: Partial<Upstreams>;
    /** True if this host takes the place of the one that runs in the data folder, with its agents. */
    readonly takeOver?: boolean;
    /** True if this host takes the place of the host of every other copy of the folder. */
    readonly inPlaceOf?: boolean;
    /** True if no host of the database has the key of the log of decisions any more. */
    readonly logKeyLost?: boolean;
    /** True if a missing data folder is created without asking. */
    readonly yes?: boolean;
    readonly json?: boolean;
    /** `--listen HOST:PORT`, parsed. */
    readonly listen?: { readonly host: string; readonly port: number };
    /** `--console [HOST:PORT]` and its certificate, parsed. */
    readonly console?: ConsoleAddress;
    /** `--health HOST:PORT`, parsed. */
    readonly health?: HealthAddress;
    readonly watchdog?: boolean;
    readonly tlsCert?: string;
    readonly tlsKey?: string;
    /** `tls`, or `tls://HOST:PORT`. */
    readonly agentsDial?: string;
  };

/**
 * Runs the host of a data folder until a signal ends it. Root becomes the folder's owner. Prints one `ready` line on stdout.
 * Returns the exit code.
 */
export const upCommand = async (flags: UpFlags, version: string, io: Io): Promise<number> => {
  const dataDir = dataFolder(io.env, flags.data);
  const started = await startUp(flags, version, io, (text) => void io.stderr.write(`${text}\n`));
  if (typeof started === "number") return started;
  const { socketPath, stop, replaced } = started;
  let why: Failure | null = null;
  if (!io.signal.aborted) {
    if (flags.json === true)
      printJson(io, { ok: true, state: "ready", data: dataDir, socket: socketPath, pid: process.pid });
    else io.stdout.write(`ready ${socketPath}\n`);
    why = await Promise.race([abortOf(io.signal), replaced]);
  }
  if (why !== null) printFailure(io, flags.json === true, why);
  await stop();
  return why === null ? 130 : 1;
};

/** A host that runs in this process. */
type HostHere = {
  readonly socketPath: string;
  /**
   * Ends the host, and the process once its command has returned. A second signal ends it at once.
   */
  readonly stop: () => Promise<void>;
  /** Resolves when another host has taken this one's place: then it has to stop. */
  readonly replaced: Promise<Failure>;
};

/**
 * Starts the host of a data folder in this process. `say` gets its notes, and later its failures. Prints why it cannot start,
 * and returns the exit code then.
 */
export const startUp = async (
  flags: UpFlags,
  version: string,
  io: Io,
  say: (text: string) => void,
): Promise<HostHere | number> => {
  const { json: isJson = false } = flags;
  const dataDir = dataFolder(io.env, flags.data);
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const runtime = await chooseForFolder(flags, io.env, version, dataDir);
  if (!runtime.ok) {
    printFailure(io, isJson, runtime.error);
    return usageErrors.has(runtime.error.code) ? 2 : 1;
  }
  const missing = await missingFolder(dataDir, flags, io);
  if (missing !== null) {
    printFailure(io, isJson, missing);
    return 1;
  }
  const acting = await actForOwner(dataDir);
  if (!acting.ok) {
    printFailure(io, isJson, acting.error);
    return 1;
  }
  const restored = flags.inPlaceOf === true ? null : await restoredProblem(dataDir);
  if (restored !== null) {
    printFailure(io, isJson, restored);
    return 1;
  }
  const listen = listenOf(flags);
  if (typeof listen === "string") {
    printFailure(io, isJson, { code: "usage", message: listen });
    return 2;
  }
  // Agents that are not on this machine reach the host only at a port.
  if (placeFacts[runtime.value.name].at === "cluster" && (listen === null || listen.dial === "tls")) {
    printFailure(io, isJson, listen === null ? podsNeedPort : podsNeedHost);
    return 2;
  }
  const taken = await takeOver(dataDir, flags, io);
  if (!taken.ok) {
    printFailure(io, isJson, taken.error);
    return taken.error.code === "cancelled" ? 130 : 1;
  }
  const started = await startHost({
    ...(listen === null ? {} : { listen }),
    ...(flags.console === undefined ? {} : { console: flags.console, doctorFlags: doctorFlags(flags) }),
    ...(flags.health === undefined ? {} : { health: flags.health }),
    watchdog: flags.watchdog === true,
    dataDir,
    version,
    inPlaceOf: flags.inPlaceOf === true,
    isKeyLost: flags.logKeyLost === true,
    ...chosen,
    keyFile: io.env[keyFileVariable] || null,
    usersFile: usersFileOf(dataDir, flags.usersFile),
    keepMessagesMs: daysToMs(flags.keepMessages),
    endIdleMs: minutesToMs(flags.endIdle),
    say,
    runtime: runtime.value,
    upstreams: flags.upstream ?? {},
    report: (error) => say(bugText(error)),
  });
  if (!started.ok) {
    printFailure(io, isJson, started.error);
    return 1;
  }
  const { socketPath, port, health, notes, stop, replaced, console: address } = started.value;
  if (port !== null) say(`Agents are served by TLS on port ${port}.`);
  if (health !== null) say(`Whether this host works is said by HTTP on port ${health}: /healthz, /readyz.`);
  if (address !== null) say(`The console is at ${address}. To sign in: gatehouse console`);
  for (const note of [...runtime.value.notes, ...notes]) say(note);
  return {
    socketPath,
    replaced,
    stop: async () => {
      endAtOnceOnAnother(dataDir);
      if (!(await stop())) {
        say("Not all of the host has ended in time. The next start goes on with its work.");
        removePid(pidFileIn(dataDir));
      }
      // A connection to a server that answers nothing would keep the process for ever. One without any ends by itself, now.
      setTimeout(() => process.exit(), leftMs).unref();
    },
  };
};

/**
 * Ends the host that runs in the data folder, and leaves its agents to this one: with the flag, or if the person at the terminal
 * agrees. Without either nothing is done, and the start is refused as long as that host runs.
 */
const takeOver = async (
  dataDir: string,
  { takeOver: isAsked = false, json = false }: UpFlags,
  io: Io,
): Promise<Result<number | null, Failure>> => {
  const isAtTerminal = process.stdin.isTTY && io.stderr.isTTY === true && !json;
  if (!isAsked && !isAtTerminal) return ok(null);
  const there = await runningHost(dataDir);
  if (there === null) return ok(null);
  const { output, signal } = { output: process.stderr, signal: io.signal };
  const message = `A host runs here already (${there.version ?? "of an unknown version"}). Take its place? Agents that work are kept, but for those in Pods.`;
  if (!isAsked && (await confirm({ message, initialValue: false, output, signal })) !== true) return ok(null);
  return endHost(dataDir, "take-over", io.signal);
};

/** The time for what is left when the host has stopped, ms; with its eight seconds less than the ten of Docker. */
const leftMs = 1_000;

/** The default of `--keep-messages`, in days: the same as for approvals and the outcomes of acts. */
const defaultDays = 90;

/** Null for 0 days, which keeps messages without limit. */
const daysToMs = (days = defaultDays): number | null => (days === 0 ? null : days * 86_400_000);

/** The default of `--end-idle`, in minutes. */
const defaultMinutes = 30;

/** Infinity for 0 minutes, which lets idle agents run on. */
const minutesToMs = (minutes = defaultMinutes): number => (minutes === 0 ? Infinity : minutes * 60_000);

/** The TLS port for agents; null without `--listen`. Returns an error message if flags are missing. */
const listenOf = ({ listen, tlsCert, tlsKey, agentsDial }: UpFlags): Listen | null | string => {
  if ((tlsCert === undefined) !== (tlsKey === undefined)) return "--tls-cert and --tls-key go together.";
  if (listen === undefined)
    return tlsCert === undefined && agentsDial === undefined
      ? null
      : "--tls-cert, --tls-key and --agents-dial need --listen.";
  const tls = tlsCert === undefined || tlsKey === undefined ? {} : { tls: { cert: tlsCert, key: tlsKey } };
  return { ...listen, ...tls, ...(agentsDial === undefined ? {} : { dial: agentsDial }) };
};

/**
 * Returns the error for a missing data folder, because a mistyped path would get a host without agents. Asks the person at a
 * terminal first. Also returns the error of a folder that this account may not enter. Returns null if the person agrees, if the
 * folder can be entered, and if the path is too long for the socket, which `startHost` refuses.
 */
const missingFolder = async (
  dataDir: string,
  { data, yes = false, json = false }: UpFlags,
  io: Io,
): Promise<Failure | null> => {
  if (yes || socketPathProblem(join(dataDir, "ncl.sock")) !== null) return null;
  const named = data === undefined ? "" : ` --data ${shellWord(dataDir)}`;
  const message = `There is no data folder at ${dataDir}.`;
  const fix = `gatehouse init${named} makes it with a first agent; gatehouse up${named} --yes makes it empty`;
  const closed = closedFolder(dataDir, { code: "no-data-folder", message, fix });
  if (closed?.code !== "no-data-folder") return closed;
  const isAtTerminal = process.stdin.isTTY && io.stderr.isTTY === true && !json;
  if (isAtTerminal) {
    const question = `${message} Make it, and start a host without agents?`;
    const { output, signal } = { output: process.stderr, signal: io.signal };
    if ((await confirm({ message: question, initialValue: false, output, signal })) === true) return null;
  }
  return closed;
};

const podsNeedPort: Failure = {
  code: "usage",
  message: "Pods reach their host by TLS alone, and this host has no port for it.",
  fix: "add --listen 0.0.0.0:7443; and --agents-dial tls://HOST:7443, if Pods find it by another name",
};

const podsNeedHost: Failure = {
  code: "usage",
  message: "--agents-dial tls is for agents of this machine, and Pods are on others.",
  fix: "name the host as Pods find it: --agents-dial tls://HOST:7443",
};

/** The errors of `chooseForFolder` that are about the flags. */
export const usageErrors: ReadonlySet<string> = new Set(["usage", "unknown-runtime"]);

const bugText = (error: unknown): string =>
  error instanceof Error ? (error.stack ?? error.message) : String(error);

/**
 * Makes a second signal end the process without waiting for answers. This is safe, because an interrupted transaction was not
 * committed.
 */
const endAtOnceOnAnother = (dataDir: string): void => {
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.once(name, () => {
      removePid(pidFileIn(dataDir));
      process.exit(128 + constants.signals[name]);
    });
};
