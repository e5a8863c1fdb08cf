import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { approvalCards, channels, type Channel, type ChannelHost } from "@gatehouse/channels";
import type { Central } from "@gatehouse/central-database";
import type { HostName } from "@gatehouse/intents";
import { modelOrder, type Transports } from "@gatehouse/dispatch";
import { tasksOrder } from "@gatehouse/tasks/order";
import { costOrder } from "@gatehouse/gateway-commands";
import type { OpenPlace } from "@gatehouse/places";
import type { HostLog } from "@gatehouse/logs";
import { sessionHost, type SessionHost, type SessionHostOptions } from "@gatehouse/sessions";
import type { TlsDoor } from "@gatehouse/socket-server";
import type { Signature } from "@nc/cli-scope";
import { mcpSecretsIn } from "@gatehouse/gateway-commands/keys";

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
  /** The TLS port for agents, besides the Unix socket. */
  readonly tls?: { readonly door: TlsDoor } | undefined;
  /** Where the agents of this host run. It ends with the sessions. */
  readonly place: OpenPlace;
  readonly placeOf: SessionHostOptions["placeOf"];
  /** Called when an agent has asked a person something, or asks no longer. */
  readonly asked: () => void;
  /** The channels of messengers, besides those that every host has. */
  readonly messengers: readonly ((host: ChannelHost) => Channel)[];
  readonly log: HostLog;
  readonly report: (error: unknown) => void;
};

/** Answers agents and people: a command host, which is made with the intent handlers of the sessions. */
export type CommandsServed = { readonly transports: Transports; readonly commands: readonly Signature[] };

/** The host loop. `close` ends it, its place, and the channels that `makeSessions` opened. */
export type Sessions = Pick<SessionHost, "handlers" | "refresh"> & {
  /** Starts serving agents and people, and their commands. */
  start(served: CommandsServed): Promise<void>;
  close(how?: { readonly leaveAgents?: boolean }): Promise<void>;
};

/** Makes the host loop of a data folder, with its channels. */
export const makeSessions = (options: StartSessionsOptions): Sessions => {
  const { dataDir, owner, central, isShared, place, log } = options;
  const served = fromStart<CommandsServed>();
  const report = (error: unknown): void => {
    log.error(error);
    options.report(error);
  };
  const shared = { db: central.db, ...clock, report };
  const channelHost = { ...shared, dataDir, owner: owner.name, messages: central.loop, isShared };
  const opened = [...channels, ...options.messengers].map((open) =>
    open({ ...channelHost, log: log.event, connected: () => cards.retry() }),
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
    place,
    placeOf: options.placeOf,
    runnersSocket: runnersSocketIn(dataDir),
    readSecrets: mcpSecretsIn(dataDir).readSecrets,
    ...(options.tls === undefined ? {} : { tlsDoor: options.tls.door }),
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
      await place.begin();
      await host.start();
      place.listening();
      cards.start();
    },
    handlers: host.handlers,
    refresh: host.refresh,
    close: async (how) => {
      // A failure to close one part must not leave the other parts open.
      await cards.close().catch(report);
      await host.close(how).catch(report);
      await place.close().catch(report);
    },
  };
};

/** The orders of people to this host, except `/withdraw` of the loop. */
const ordersOf = (
  { central, dataDir }: Pick<StartSessionsOptions, "central" | "dataDir">,
  served: () => CommandsServed,
): NonNullable<SessionHostOptions["orders"]> => ({
  "/cost": { answer: costOrder({ db: central.loop, dataDir }) },
  "/tasks": { answer: tasksOrder({ db: central.reading }) },
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
