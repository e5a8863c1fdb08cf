import { join } from "node:path";
import { systemCode, type Result } from "@gatehouse/std";
import type { Failure } from "@gatehouse/cli-kit";
import {
  explainOpen,
  firstSteps,
  openCentralAt,
  centralCommandHost,
  startUpBackfill,
  transportsOf,
  type Transports,
  endSessionsOf,
} from "@gatehouse/control-plane";
import type { PostgresAddress } from "@gatehouse/postgres";
import { attempt } from "@gatehouse/sqlite";
import { startUsers, reloadCarrier, usersFileOf, type UserSessions } from "@gatehouse/user-directory";
import {
  claimDataFolder,
  explainStart,
  explainTrouble,
  pidFileIn,
  removePid,
  writePid,
} from "@gatehouse/data-folder";
import { chatSocketIn } from "@gatehouse/channels/client";
import { processRuntime, type RuntimeTable } from "@nc/container-runtime/node";
import { openTlsDoor, type Listen } from "./open-tls-door.ts";
import { makeSessions, runnersSocketIn } from "./start-sessions.ts";
import { socketPathProblem, serveSocket } from "@gatehouse/socket-server";

export type StartOptions = {
  readonly dataDir: string;
  /** The default is `gatehouse.db` in the data folder. */
  readonly database?: PostgresAddress | null;
  /** The default is `users.yaml` in the data folder. */
  readonly usersFile?: string;
  /** Messages of sessions are deleted so long after they ended; null for with their session. Default: null. */
  readonly keepMessagesMs?: number | null;
  /** A port for agents, by TLS. Without it they have a Unix socket alone. */
  readonly listen?: Listen;
  /** Makes what runs the agents. The default is processes. */
  readonly runtime?: RuntimeTable[string];
  /** Called with the result of a reload of the users, a few lines. */
  readonly say?: (text: string) => void;
  /** Called with bugs, and with failures of work that no caller waits for. */
  readonly report: (error: unknown) => void;
};

/** A running host. */
export type Host = {
  readonly socketPath: string;
  /** Where agents dial by TLS; null if they do not. */
  readonly port: number | null;
  readonly transports: Transports;
  /** Notes on the start for the operator, one sentence each. */
  readonly notes: readonly string[];
  /** Finishes the running commands, and leaves the data folder ready for another host. */
  stop(): Promise<void>;
};

type Close = () => Promise<unknown>;

/** Milliseconds between two checks for expired approvals. */
const expireEveryMs = 60_000;

/**
 * Takes the data folder, opens its database, and serves its socket. If a step fails, the earlier ones are
 * undone.
 */
export const startHost = async (options: StartOptions): Promise<Result<Host, Failure>> => {
  const closes: Close[] = [];
  // If one part cannot be closed (a full disk), the others are still closed.
  const stop = async (): Promise<void> => {
    for (const close of closes.splice(0).toReversed()) await close().catch(options.report);
  };
  let isStarted = false;
  try {
    const begun = await attempt(() => begin(options, closes));
    const { dataDir, database = null } = options;
    const started = begun.ok ? begun.value : failed(explainTrouble({ dataDir, database }, begun.error));
    isStarted = started.ok;
    return started.ok ? { ok: true, value: { ...started.value, stop } } : started;
  } finally {
    if (!isStarted) await stop();
  }
};

const failed = (error: Failure): Result<never, Failure> => ({ ok: false, error });

const unusable = (dataDir: string, detail: string): Result<never, Failure> =>
  failed(explainStart({ code: "data-folder-unusable", dataDir, detail }));

const begin = async (
  { dataDir, database = null, say = () => {}, report, ...options }: StartOptions,
  closes: Close[],
): Promise<Result<Omit<Host, "stop">, Failure>> => {
  const { usersFile = usersFileOf(dataDir) } = options;
  const socketPath = join(dataDir, "ncl.sock");
  const sockets = [socketPath, chatSocketIn(dataDir), runnersSocketIn(dataDir)];
  const tooLong = sockets.map(socketPathProblem).find((problem) => problem !== null) ?? null;
  if (tooLong !== null) return failed(explainStart(tooLong));
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return failed(explainStart(claimed.error));
  closes.push(claimed.value.release);
  const named = await namePid(dataDir);
  if (!named.ok) return named;
  closes.push(named.value);
  const isShared = database !== null;
  const central = await openCentralAt({ dataDir, database, isShared });
  if (!central.ok) return failed(explainOpen(central.error));
  closes.push(central.value.close);
  const { db, reading, backup } = central.value;
  const ofUsers: UserSessions = { endSessions: (userId, when) => endSessionsOf(db, userId, when) };
  const users = await startUsers({ db, dataDir, usersFile, sessions: ofUsers, say, report });
  closes.push(users.close);
  const notes = [
    ...backupNote(backup),
    ...(await startUpBackfill(db, dataDir, () => new Date().toISOString())),
    ...users.notes,
    ...(await firstSteps(db, dataDir)),
  ];
  const tls = options.listen && (await openTlsDoor(dataDir, options.listen, report));
  if (tls?.ok === false) return tls;
  if (tls !== undefined) closes.push(tls.value.door.close);
  const sessions = makeSessions({
    ...{ dataDir, isShared, report, tls: tls?.value },
    keepMessagesMs: options.keepMessagesMs ?? null,
    runtime: options.runtime ?? processRuntime,
    central: central.value,
    host: () => ({ transports, commands: host.commands }),
  });
  const carriers = { reload: reloadCarrier(users.reload), ...sessions.carriers };
  const { owner, runtime } = sessions;
  const changed = (): void => void sessions.refresh();
  const host = centralCommandHost(central.value, { dataDir, carriers, owner, runtime, changed, report });
  const transports = transportsOf(reading, host);
  closes.push(host.flush, host.intents.close, expireNowAndThen(host.expireApprovals, report), sessions.close);
  await sessions.start();
  host.intents.start();
  const served = await serveSocket({ path: socketPath, answer: transports.socket, report });
  if (!served.ok) return failed(explainStart(served.error));
  closes.push(served.value.close);
  users.listen();
  return { ok: true, value: { socketPath, transports, notes, port: tls?.value.door.port ?? null } };
};

const backupNote = (backup: string | null): readonly string[] =>
  backup === null ? [] : [`The database was migrated to this version; a copy of the old one is ${backup}.`];

/** Returns a function that stops it. */
const expireNowAndThen = (expire: () => Promise<number>, report: (error: unknown) => void): Close => {
  const look = (): void => void expire().catch(report);
  look();
  const timer = setInterval(look, expireEveryMs);
  return async () => clearInterval(timer);
};

/** Returns a function that removes the file again. */
const namePid = async (dataDir: string): Promise<Result<Close, Failure>> => {
  const file = pidFileIn(dataDir);
  try {
    await writePid(file);
    return { ok: true, value: async () => removePid(file) };
  } catch (error) {
    return unusable(dataDir, systemCode(error));
  }
};
