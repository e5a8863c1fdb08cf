import { join } from "node:path";
import process from "node:process";
import { sql } from "kysely";
import { diskSpace, lowDiskFix, spaceText } from "@gatehouse/fs-kit";
import { systemCode, type Result } from "@gatehouse/std";
import { modelChecker } from "@gatehouse/agent-clis";
import type { Failure } from "@gatehouse/cli-kit";
import { explainOpen, noteOwners, openCentralAt } from "@gatehouse/central-database";
import { logFileIn, openHostLog, type HostLog } from "@gatehouse/logs";
import { firstSteps, startUpBackfill } from "@gatehouse/group-setup";
import { centralCommandHost, transportsOf, type Transports, endSessionsOf } from "@gatehouse/dispatch";
import type { PostgresAddress } from "@gatehouse/postgres";
import { attempt } from "@gatehouse/sqlite";
import { startScheduledBackups } from "@gatehouse/backup";
import { accountProblem, startUsers, reloadHandler, usersFileOf, type UserSessions } from "@gatehouse/people";
import {
  claimDataFolder,
  explainStart,
  explainTrouble,
  hostNameOf,
  serveHostSocket,
  pidFileIn,
  removePid,
  successionIn,
  takePlace,
  writePid,
  messengerBots,
} from "@gatehouse/data-folder";
import { chatSocketIn } from "@gatehouse/channels/client";
import { channelCommands, messengerChannels } from "@gatehouse/messengers";
import { keepRuntime, machineSeen, processes, type ChosenPlace } from "@gatehouse/places";
import { openTlsDoor, type Listen } from "./open-tls-door.ts";
import { protocols } from "@gatehouse/wire";
import { inviteCommand, openMachines } from "@gatehouse/places/machine";
import { defaultUpstreams, gatewaySocketIn, type Upstreams } from "@gatehouse/gateway";
import { keepUpstreams, readUpstreams } from "@gatehouse/gateway/upstreams";
import { usageCommands } from "@gatehouse/gateway-commands";
import { explainSecrets, mcpSecretsIn } from "@gatehouse/gateway-commands/keys";
import { serveHealth, type HealthAddress } from "./serve-health.ts";
import { servePages, type ConsoleAddress } from "./serve-pages.ts";
import { startGateway } from "./start-gateway.ts";
import { openPlace } from "./open-place.ts";
import { prepareLog } from "./prepare-log.ts";
import { startWatchdog } from "./watchdog.ts";
import { startSharing } from "./start-sharing.ts";
import { makeSessions, runnersSocketIn } from "./start-sessions.ts";
import { socketPathProblem, serveSocket } from "@gatehouse/socket-server";

export type StartOptions = {
  readonly dataDir: string;
  /** The version of the program, for `gatehouse status` and `doctor`. */
  readonly version?: string;
  /** Take the place of the hosts of all other copies of the data folder. */
  readonly inPlaceOf?: boolean;
  /** No host of the database has the key of the log of decisions any more: begin with a new one. */
  readonly isKeyLost?: boolean;
  /** The database. Default: `gatehouse.db` in the data folder. */
  readonly database?: PostgresAddress | null;
  /** The file with the key of the secrets that several hosts share. Null: these are not shared. */
  readonly keyFile?: string | null;
  /** The file of users. Default: `users.yaml` in the data folder. */
  readonly usersFile?: string;
  /**
   * The age at which the messages of sessions are deleted, ms after they ended. Null, the default, keeps the messages until
   * their session is deleted.
   */
  readonly keepMessagesMs?: number | null;
  /** The time after which an idle agent is ended, ms. By default, an idle agent runs on. */
  readonly endIdleMs?: number;
  /** The address of the console. Without it nothing of the console is loaded. */
  readonly console?: ConsoleAddress;
  /** Flags for `gatehouse doctor`, which the console runs. */
  readonly doctorFlags?: readonly string[];
  /** Where to say whether the host works. Without it the host says so nowhere. */
  readonly health?: HealthAddress;
  /** Kill this process if its event loop or its database stands still, for a service manager to start it again. */
  readonly watchdog?: boolean;
  /** A TLS port for agents. Without it, agents can use only the Unix socket. */
  readonly listen?: Listen;
  /** The addresses that replace those of the models' vendors, from this start on. */
  readonly upstreams?: Partial<Upstreams>;
  /** The addresses of the messengers' platforms by their names; only tests have others. */
  readonly messengerRoots?: Readonly<Record<string, string>>;
  /** The runtime of agents. Default: processes. */
  readonly runtime?: ChosenPlace;
  /** The time for all parts together to end at a stop, ms; only tests have another one. */
  readonly stopMs?: number;
  /** Called with the report of each reload of the users by SIGHUP or `host.sock`, a few lines, and with problems of a renewed certificate. */
  readonly say?: (text: string) => void;
  /** Called with bugs, and with failures of background work. */
  readonly report: (error: unknown) => void;
};

/** A running host. */
export type Host = {
  readonly socketPath: string;
  /** The TLS port for agents; null without `listen`. */
  readonly port: number | null;
  /** The port that says whether the host works; null without `health`. */
  readonly health: number | null;
  /** The address of the console; null without one. */
  readonly console: string | null;
  readonly transports: Transports;
  /** Resolves when the host of another copy of the data folder has taken this one's place: the caller stops this one. */
  readonly replaced: Promise<Failure>;
  /** Notes on the start for the operator, one sentence each. */
  readonly notes: readonly string[];
  /**
   * Finishes the running commands and releases the data folder for another host. False if some part did not end in time: then
   * the caller ends the process, and the next host goes on with the work, as after a kill.
   */
  stop(): Promise<boolean>;
};

type Close = () => Promise<unknown>;

/**
 * The time for all parts together to end at a stop, ms. Docker kills after 10 s, systemd after 90 s. Agents get 2 s of it, a
 * messenger 1 s, a database that is away 3 s.
 */
const defaultStopMs = 8_000;

/** The interval of checks for expired approvals, ms. */
const expireEveryMs = 60_000;

/**
 * Claims the data folder, opens its database, and serves its socket. If a step fails, the earlier steps are
 * undone.
 */
export const startHost = async (options: StartOptions): Promise<Result<Host, Failure>> => {
  const closes: Close[] = [];
  const stop = (): Promise<boolean> =>
    closeAll(closes.splice(0).toReversed(), options.stopMs ?? defaultStopMs, options.report);
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

/**
 * Closes one part after the other. If one cannot be closed (a full disk), the others still are. Once the time is over, the rest
 * is begun and not waited for, and the result is false.
 */
const closeAll = async (
  closes: readonly Close[],
  withinMs: number,
  report: (error: unknown) => void,
): Promise<boolean> => {
  const late = new Promise<boolean>((resolve) => setTimeout(resolve, withinMs, false).unref());
  let isInTime = true;
  for (const close of closes) {
    const closed = close().then(() => true, report);
    if ((await Promise.race([closed, late])) === false) isInTime = false;
  }
  return isInTime;
};

const failed = (error: Failure): Result<never, Failure> => ({ ok: false, error });

const unusable = (dataDir: string, detail: string): Result<never, Failure> =>
  failed(explainStart({ code: "data-folder-unusable", dataDir, detail }));

const begin = async (
  { dataDir, database = null, upstreams = {}, say = () => {}, report, ...options }: StartOptions,
  closes: Close[],
): Promise<Result<Omit<Host, "stop">, Failure>> => {
  const { usersFile = usersFileOf(dataDir) } = options;
  const socketPath = join(dataDir, "ncl.sock");
  const sockets = [socketPath, chatSocketIn(dataDir), runnersSocketIn(dataDir), gatewaySocketIn(dataDir)];
  const tooLong = sockets.map(socketPathProblem).find((problem) => problem !== null) ?? null;
  if (tooLong !== null) return failed(explainStart(tooLong));
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return failed(explainStart(claimed.error));
  closes.push(claimed.value.release);
  const published = await publishPid(dataDir);
  if (!published.ok) return published;
  closes.push(published.value);
  if (options.inPlaceOf === true) await takePlace(dataDir, new Date().toISOString());
  const succession = await successionIn(dataDir);
  let settleReplaced = (_why: Failure): void => {};
  const replaced = new Promise<Failure>((resolve) => (settleReplaced = resolve));
  const isShared = database !== null;
  const owner = hostNameOf(dataDir);
  const central = await openCentralAt({
    dataDir,
    database,
    isShared,
    hostName: owner.name,
    beforeMigration: () => say(wayBackNote),
  });
  if (!central.ok) return failed(explainOpen(central.error));
  closes.push(central.value.close);
  const { log, close: closeLog } = startLog(dataDir, report);
  // The log closes after everything that is opened below, because remaining work writes to the log.
  closes.push(closeLog);
  const { db, reading, backup } = central.value;
  const { runtime: chosen = processes() } = options;
  const shared = isShared
    ? await startSharing({
        dataDir,
        owner,
        succession,
        replaced: settleReplaced,
        db: central.value.loop,
        keyFile: options.keyFile ?? null,
        usersFile,
        version: options.version ?? null,
        runtime: chosen.name,
        log: log.event,
        report,
      })
    : null;
  if (shared?.ok === false) return shared;
  const logNotes = await prepareLog({
    db,
    dataDir,
    isShared,
    keyFile: options.keyFile ?? null,
    isKeyLost: options.isKeyLost === true,
  });
  if (shared !== null) closes.push(shared.value.close);
  const { ofUsers, followed } = sessionsOfUsers(db);
  const checks = checksOf(dataDir);
  const { checkModel } = checks;
  const kept = await keepUpstreams(dataDir, upstreams);
  if (!kept.ok) return failed(kept.error);
  const users = await startUsers({
    db,
    dataDir,
    usersFile,
    sessions: ofUsers,
    checkModel,
    accountProblem: accountProblem(chosen.name, process.geteuid?.() ?? 0),
    log: log.event,
    say,
    report,
  });
  closes.push(users.close);
  let leaveAgents = false;
  const asked = await serveHostSocket({
    dataDir,
    version: options.version ?? null,
    reload: users.reloadAloud,
    leaveAgents: () => (leaveAgents = true),
    report,
  });
  if (!asked.ok) return failed(explainStart(asked.error));
  closes.push(asked.value.close);
  const upstreamsNow = { is: kept.value };
  shared?.value.follow({
    users,
    "upstreams.json": async () => {
      const read = await readUpstreams(dataDir);
      if (read.ok) upstreamsNow.is = read.value;
      else report(read.error.message);
    },
  });
  const notes = [
    ...backupNote(backup),
    ...logNotes,
    ...(await startUpBackfill(db, dataDir, () => new Date().toISOString())),
    ...users.notes,
    ...(await firstSteps(db, dataDir)),
    ...(await diskNote(dataDir)),
    ...upstreamNotes(kept.value),
  ];
  const tls = options.listen && (await openTlsDoor(dataDir, options.listen, report));
  if (tls?.ok === false) return tls;
  if (tls !== undefined) closes.push(tls.value.door.close);
  const door =
    options.console === undefined ? null : (await import("@gatehouse/console")).makeConsole(report);
  const bots = await messengerBots.read(dataDir);
  if (!bots.ok) return failed(explainSecrets(bots.error));
  const place = await openPlace(
    chosen,
    { dataDir, central: central.value, owner, isShared, log, report },
    tls?.value,
  );
  const machines = openMachines({
    db: central.value.loop,
    host: owner.name,
    since: succession.since,
    now: () => new Date().toISOString(),
    log: log.event,
    report,
    connected: () => void sessions.refresh(),
    guestOf: place.guestOf,
  });
  tls?.value.door.serve(protocols.machine, machines.accept);
  await machines.start(isShared ? owner.prefix : "");
  closes.push(machines.close);
  const sessions = makeSessions({
    dataDir,
    owner,
    isShared,
    log,
    report,
    tls: tls?.value,
    place,
    placeOf: async (groupId) => (await machines.of(groupId)) ?? place,
    messengers: messengerChannels({ roots: options.messengerRoots }),
    asked: () => {
      // Another host may have revoked a machine.
      void machines.endRevoked().catch(report);
      door?.nudge();
    },
    keepMessagesMs: options.keepMessagesMs ?? null,
    endIdleMs: options.endIdleMs ?? Infinity,
    central: central.value,
  });
  const handlers = { reload: reloadHandler(users.reload), ...sessions.handlers };
  const changed = (): void => {
    void sessions.refresh();
    void machines.endRevoked().catch(report);
    door?.nudge();
  };
  const seen = { handlers, owner, runtime: place, machine: machineSeen, ...checks, report, changed };
  const commands = [
    ...usageCommands({ db: reading, dataDir }),
    ...channelCommands({ db: reading, dataDir }),
    inviteCommand({ invite: machines.invite, door: tls?.value.machineDoor ?? null }),
    ...(door === null ? [] : [door.command]),
  ];
  const host = centralCommandHost(central.value, { dataDir, ...seen, commands });
  const transports = transportsOf(reading, host);
  closes.push(host.flush, host.intents.close);
  closes.push(startExpiry(host.expireApprovals, report), () => sessions.close({ leaveAgents }));
  closes.push(async () => {
    machines.endAsking();
    place.endStarting();
  });
  const gateway = await startGateway({
    dataDir,
    central: central.value,
    upstreams: () => upstreamsNow.is,
    log: log.event,
    report,
  });
  if (!gateway.ok) return gateway;
  closes.push(gateway.value.close);
  tls?.value.door.serve(protocols.gateway, gateway.value.accept);
  await keepRuntime(dataDir, chosen.inUse);
  await sessions.start({ transports, commands: host.commands });
  followed(sessions.refresh);
  host.intents.start();
  const served = await serveSocket({ path: socketPath, answer: transports.socket, report });
  if (!served.ok) return failed(explainStart(served.error));
  closes.push(served.value.close);
  const pages =
    door === null
      ? null
      : await servePages(door, { ...options, dataDir, reading, host, transports, say, report });
  if (pages?.ok === false) return pages;
  if (door !== null) closes.push(door.close);
  users.listen();
  closes.push(
    startScheduledBackups({
      dataDir,
      program: [process.execPath, ...process.execArgv, process.argv[1] ?? ""],
      env: { ...process.env, GATEHOUSE_DATABASE: database?.url },
      tellOwners: (id, text) =>
        noteOwners(central.value.loop, [{ id, text, created_at: new Date().toISOString() }]),
      log: log.event,
      report,
    }),
  );
  const health = options.health && (await serveHealth({ ...options.health, db: reading }));
  if (health?.ok === false) return health;
  if (health !== undefined) closes.push(health.value.close);
  if (options.watchdog === true)
    closes.push(startWatchdog({ ask: () => sql`select 1`.execute(reading), report }));
  // Go first: else each part would wait for a server that is away, one after the other, and commands for acts of this host.
  closes.push(async () => central.value.hurry());
  closes.push(async () => host.intents.endWaits());
  const [port, address] = [tls?.value.door.port ?? null, pages?.value ?? null];
  const told = { port, health: health?.value.port ?? null, console: address };
  return { ok: true, value: { socketPath, transports, notes, replaced, ...told } };
};

/** Opens the log of the host, and writes its first event. */
const startLog = (dataDir: string, report: (error: unknown) => void): { log: HostLog; close: Close } => {
  const log = openHostLog(dataDir, { trouble: (code) => report(unloggedText(dataDir, code)) });
  log.event("host-started", { data: dataDir });
  return {
    log,
    close: async () => {
      log.event("host-stopped");
      log.close();
    },
  };
};

const unloggedText = (dataDir: string, code: string): string =>
  `The log ${logFileIn(dataDir)} cannot be written (${code}). The host keeps running; these lines are missing in its log.`;

/** The checks of this machine before a command saves a configuration, and before a reload accepts users. */
const checksOf = (dataDir: string) => ({
  checkModel: modelChecker({ dataDir, env: process.env }),
  missingSecrets: mcpSecretsIn(dataDir).missingSecrets,
});

/** The sessions of users. Does not refresh agents before `followed` is called: the start of the sessions does that. */
const sessionsOfUsers = (db: Parameters<typeof endSessionsOf>[0]) => {
  let refresh = (): Promise<void> => Promise.resolve();
  const ofUsers: UserSessions = {
    endSessions: (userId, when) => endSessionsOf(db, userId, when),
    refresh: () => refresh(),
  };
  return { ofUsers, followed: (by: () => Promise<void>): void => void (refresh = by) };
};

const wayBackNote =
  "The database on the server is migrated to this version now. Gatehouse makes no copy of it: the way back needs your dump from before, with pg_restore.";

const backupNote = (backup: string | null): readonly string[] =>
  backup === null ? [] : [`The database was migrated to this version; a copy of the old one is ${backup}.`];

const upstreamNotes = (upstreams: Partial<Upstreams>): readonly string[] =>
  Object.entries(upstreams).map(
    ([vendor, url]) =>
      `Requests for ${vendor} go to ${url.href}. To end that: gatehouse up --upstream ${vendor}=${defaultUpstreams[vendor as keyof Upstreams].origin}`,
  );

const diskNote = async (dataDir: string): Promise<readonly string[]> => {
  const space = await diskSpace(dataDir);
  if (!space.isLow) return [];
  return [
    `The disk of ${dataDir} is nearly full (${spaceText(space)}), and agents that write much on it are held. To fix it: ${lowDiskFix}.`,
  ];
};

/** Expires approvals now and at each interval. Returns a function that stops it. */
const startExpiry = (expire: () => Promise<number>, report: (error: unknown) => void): Close => {
  const expireOnce = (): void => void expire().catch(report);
  expireOnce();
  const timer = setInterval(expireOnce, expireEveryMs);
  return async () => clearInterval(timer);
};

/** Writes the pid file. Returns a function that removes it. */
const publishPid = async (dataDir: string): Promise<Result<Close, Failure>> => {
  const file = pidFileIn(dataDir);
  try {
    await writePid(file);
    return { ok: true, value: async () => removePid(file) };
  } catch (error) {
    return unusable(dataDir, systemCode(error));
  }
};
