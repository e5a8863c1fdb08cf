import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { chosenClisIn } from "@gatehouse/agent-clis";
import { approvalCards, channels, type Channel, type ChannelHost } from "@gatehouse/channels";
import type { Central } from "@gatehouse/central-database";
import type { HostName } from "@gatehouse/intents";
import { modelOrder, type Transports } from "@gatehouse/dispatch";
import {
  agentDoors,
  agentImage,
  agentSockets,
  keepRuntime,
  placeAgentNode,
  placeAgentPrograms,
  placedFilesIn,
  recordsIn,
  type AgentSockets,
  type ChosenRuntime,
} from "@gatehouse/places";
import { installOf } from "@gatehouse/data-folder";
import { gatewaySocketIn } from "@gatehouse/gateway";
import { costOrder } from "@gatehouse/gateway-commands";
import type { Machines } from "@gatehouse/places/machine";
import type { Pods } from "@gatehouse/places/pod";
import type { HostLog } from "@gatehouse/logs";
import { sessionHost, type SessionHost, type SessionHostOptions } from "@gatehouse/sessions";
import type { TlsDoor } from "@gatehouse/socket-server";
import type { DialPlace } from "@gatehouse/wire";
import type { Signature } from "@nc/cli-scope";
import { neededPackages, type AgentSandbox } from "@gatehouse/workloads";
import type { ContainerRuntime, Mount } from "@nc/container-runtime";
import { runtimes } from "@nc/container-runtime/node";
import { programBeside } from "../programs-beside.ts";
import { mcpSecretsIn } from "@gatehouse/gateway-commands/keys";

/** The runtime of agents, without its notes. */
export type UsedRuntime = Omit<ChosenRuntime, "notes">;

export type StartSessionsOptions = {
  readonly dataDir: string;
  readonly owner: HostName;
  readonly central: Central;
  /** True if other hosts may use the same database. */
  readonly isShared: boolean;
  /** The age at which messages are deleted, ms after they ended; null keeps them until their session is deleted. */
  readonly keepMessagesMs: number | null;
  /** The time after which an idle agent is ended, ms. */
  readonly endIdleMs: number;
  /** The TLS port for agents, besides the Unix socket, and the address for this host's own agents. */
  readonly tls?: { readonly door: TlsDoor; readonly dial: DialPlace | null } | undefined;
  readonly runtime: UsedRuntime;
  /** The Pods of agents; null if they run on this machine. */
  readonly pods: Pick<Pods, "runtime"> | null;
  readonly machines: Pick<Machines, "of">;
  /** Called when an agent has asked a person something, or asks no longer. */
  readonly asked: () => void;
  /** The channels of messengers, besides those that every host has. */
  readonly messengers: readonly ((host: ChannelHost) => Channel)[];
  readonly log: HostLog;
  readonly report: (error: unknown) => void;
};

/** Answers agents and people: a command host, which is made with the intent handlers of the sessions. */
export type CommandsServed = { readonly transports: Transports; readonly commands: readonly Signature[] };

/** The host loop. `close` ends it, and closes the channel and the runtime that `makeSessions` opened. */
export type Sessions = Pick<SessionHost, "handlers" | "refresh"> & {
  readonly runtime: ContainerRuntime;
  /** Starts serving agents and people, and their commands. */
  start(served: CommandsServed): Promise<void>;
  close(how?: { readonly leaveAgents?: boolean }): Promise<void>;
};

/** Makes the host loop of a data folder, with its runtime and its channels. */
export const makeSessions = (options: StartSessionsOptions): Sessions => {
  const { dataDir, owner, central, isShared, log } = options;
  const served = fromStart<CommandsServed>();
  const install = installOf(dataDir);
  const report = (error: unknown): void => {
    log.error(error);
    options.report(error);
  };
  const { sockets, placeNode, ...room } = runtimeOf(options, install, log);
  const shared = { db: central.db, ...clock, report };
  const channelHost = { ...shared, dataDir, messages: central.loop, isShared, log: log.event };
  const opened = [...channels, ...options.messengers].map((open) =>
    open({ ...channelHost, connected: () => cards.retry() }),
  );
  const cards = approvalCards({
    ...shared,
    channels: opened,
    commands: () => served.get().commands,
    answerUser: (userId, frame) => served.get().transports.user(userId)(frame),
    noted: () => void host.followApprovals(),
  });
  const host = sessionHost({
    central,
    // A database file is used by only one host.
    isAlone: !isShared,
    keepMessagesMs: options.keepMessagesMs,
    times: { endIdleMs: options.endIdleMs },
    dataDir,
    channels: opened,
    ...room,
    machines: options.machines,
    runtimeProblem: options.runtime.problem,
    runner: programBeside("agent-runner"),
    ncl: programBeside("ncl"),
    clis: chosenClisIn(dataDir),
    runnersSocket: runnersSocketIn(dataDir),
    gatewaySocket: gatewaySocketIn(dataDir),
    readSecrets: mcpSecretsIn(dataDir).readSecrets,
    ...(options.tls === undefined ? {} : { tlsDoor: options.tls.door }),
    ...(options.tls?.dial ? { dial: options.tls.dial } : {}),
    install,
    owner: owner.name,
    ownerPrefix: owner.prefix,
    answerAgent: ({ lease, id: sessionId }, frame, settle) =>
      served.get().transports.agent(sessionId, { lease, settle })(frame),
    answerCard: cards.answer,
    asked: () => {
      cards.nudge();
      options.asked();
    },
    orders: ordersOf(options, served.get),
    log: log.event,
    report,
  });
  return {
    start: async (by) => {
      served.set(by);
      sockets?.make();
      if (options.runtime.images !== null)
        await placeAgentPrograms(dataDir, {
          "agent-runner.cjs": programBeside("agent-runner")[1],
          "ncl.cjs": programBeside("ncl")[1],
        });
      await placeNode?.();
      await keepRuntime(dataDir, options.runtime.inUse);
      await endLeft({ dataDir, install, log, report, runtime: options.runtime });
      await host.start();
      sockets?.publish();
      cards.start();
    },
    runtime: room.runtime,
    handlers: host.handlers,
    refresh: host.refresh,
    close: async (how) => {
      // A failure to close one part must not leave the other parts open.
      for (const part of [cards, host, room.runtime]) await part.close(how).catch(report);
    },
  };
};

/** The runtime of agents. Only containers have an image; containers and sandboxes have mounted sockets. */
const runtimeOf = (
  { dataDir, central, pods, runtime: { make, images, packages } }: StartSessionsOptions,
  install: string,
  log: Pick<HostLog, "event">,
): {
  readonly runtime: ContainerRuntime;
  readonly image?: ReturnType<typeof agentImage>;
  readonly sandbox?: AgentSandbox;
  readonly sockets: AgentSockets | null;
  readonly placeNode?: () => Promise<void>;
} => {
  const report = (problem: string): void => log.event("process-trouble", { problem });
  if (pods !== null) return { runtime: pods.runtime, sockets: null };
  const made = (folder: string): ContainerRuntime => make({ folder, install, report });
  if (images === null && packages === null)
    return { runtime: made(recordsIn.process(dataDir)), sockets: null };
  const sockets = agentSockets(dataDir, [runnersSocketIn(dataDir), gatewaySocketIn(dataDir)]);
  if (packages === null)
    return {
      runtime: made(placedFilesIn(dataDir)),
      sockets,
      ...(images === null ? {} : { image: agentImage(dataDir, images(install)) }),
    };
  let node: Mount | null = null;
  return {
    runtime: made(recordsIn.sandbox(dataDir)),
    sockets,
    sandbox: {
      ...agentDoors(dataDir),
      ...packages({ dataDir, needed: () => neededPackages(central) }),
      node: () => node,
    },
    placeNode: async () => {
      const placed = await placeAgentNode(dataDir);
      if (placed.ok) node = placed.value;
      else report(placed.error);
    },
  };
};

type Left = Pick<StartSessionsOptions, "dataDir" | "log" | "report" | "runtime"> & {
  readonly install: string;
};

/**
 * Ends the agents that an earlier host ran by another runtime of this machine, before this host starts its own: they would
 * connect to it, and have the policies that are allowed under this host's isolation.
 */
const endLeft = async ({ dataDir, install, log, report, runtime: used }: Left): Promise<void> => {
  const told = (problem: string): void => log.event("process-trouble", { problem });
  for (const [name, folderIn] of Object.entries(recordsIn)) {
    if (name === used.inUse.name || !existsSync(folderIn(dataDir))) continue;
    const runtime = runtimes[name]?.({ folder: folderIn(dataDir), install, report: told });
    const running = await runtime?.running();
    if (running?.ok === false) throw new Error(running.error.message);
    await Promise.all(
      (running?.value ?? []).map(async (container) => {
        const { reference, pid, label } = container;
        const { sessionId: session, incarnation } = label;
        log.event("container-reaped", { session, incarnation, reference, pid });
        await container.kill(0).catch(report);
      }),
    );
    await runtime?.close();
  }
};

/** The orders of people to this host, except `/withdraw` of the loop. */
const ordersOf = (
  { central, dataDir }: Pick<StartSessionsOptions, "central" | "dataDir">,
  served: () => CommandsServed,
): NonNullable<SessionHostOptions["orders"]> => ({
  "/cost": { answer: costOrder({ db: central.loop, dataDir }) },
  "/model": {
    takesWords: true,
    answer: modelOrder({
      db: central.reading,
      ask: (frame, userId) => served().transports.order(userId)(frame),
    }),
  },
});

/** A source of a constant value. */
const fromStart = <T>(): { readonly set: (given: T) => void; readonly get: () => T } => {
  let value: T | undefined;
  return {
    set: (given) => void (value = given),
    get: () => {
      if (value === undefined) throw new Error("It was asked for before the start.");
      return value;
    },
  };
};

/** The socket to which agents connect. */
export const runnersSocketIn = (dataDir: string): string => join(dataDir, "runners.sock");

const clock = {
  now: (): string => new Date().toISOString(),
  id: (prefix: string): string => `${prefix}-${randomUUID()}`,
};
