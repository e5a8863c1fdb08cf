import { createHash, randomUUID } from "node:crypto";
import { existsSync, realpathSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { approvalCards, localChannel } from "@gatehouse/channels";
import { chatSocketIn } from "@gatehouse/channels/client";
import { type Central, type HostName, type Transports } from "@gatehouse/control-plane";
import { hostNameOf } from "@gatehouse/data-folder";
import { logFileIn, openHostLog } from "@gatehouse/logs";
import { type DialPlace, sessionHost, type SessionHost } from "@gatehouse/sessions";
import type { TlsDoor } from "@gatehouse/socket-server";
import type { Signature } from "@nc/cli-scope";
import type { ContainerRuntime } from "@nc/container-runtime";
import type { RuntimeTable } from "@nc/container-runtime/node";

export type StartSessionsOptions = {
  readonly dataDir: string;
  readonly central: Central;
  /** Other hosts may work on the database too. */
  readonly isShared: boolean;
  /** Messages are deleted so long after they ended; null for with their session. */
  readonly keepMessagesMs: number | null;
  /** Where agents are served besides the Unix socket, and where they dial. */
  readonly tls?: { readonly door: TlsDoor; readonly dial: DialPlace | null } | undefined;
  /** The command host, which is made later: it needs the carriers of this. */
  readonly host: () => { readonly transports: Transports; readonly commands: readonly Signature[] };
  /** Makes what runs the agents. */
  readonly runtime: RuntimeTable[string];
  readonly report: (error: unknown) => void;
};

/** The host loop with all that it works on. `close` ends what `make` began. */
export type Sessions = Pick<SessionHost, "start" | "carriers" | "refresh"> & {
  readonly owner: HostName;
  readonly runtime: ContainerRuntime;
  close(): Promise<void>;
};

/** Makes the host loop of a data folder: processes as containers, and the channel `local`. */
export const makeSessions = (options: StartSessionsOptions): Sessions => {
  const { dataDir, central, isShared, host: commandHost } = options;
  const owner = hostNameOf(dataDir);
  const install = installOf(dataDir);
  const log = openHostLog(dataDir, { trouble: (code) => options.report(unloggedText(dataDir, code)) });
  const report = (error: unknown): void => {
    log.error(error);
    options.report(error);
  };
  const trouble = (problem: string): void => log.event("process-trouble", { problem });
  const runtime = options.runtime({ folder: join(dataDir, "processes"), install, report: trouble });
  const places = { socketPath: chatSocketIn(dataDir), filesDir: join(dataDir, "sessions", "chat-files") };
  const shared = { db: central.db, ...clock, report };
  const chat = { ...shared, messages: central.beside, isShared };
  const local = localChannel({ ...chat, ...places, connected: () => cards.nudge() });
  const cards = approvalCards({
    ...shared,
    channels: [local],
    commands: () => commandHost().commands,
    answerUser: (userId, frame) => commandHost().transports.user(userId)(frame),
  });
  const host = sessionHost({
    central,
    // A file has one host.
    isAlone: !isShared,
    keepMessagesMs: options.keepMessagesMs,
    dataDir,
    channels: [local],
    runtime,
    runner: programBeside("agent-runner"),
    ncl: programBeside("ncl"),
    runnersSocket: runnersSocketIn(dataDir),
    ...(options.tls === undefined ? {} : { tlsDoor: options.tls.door }),
    ...(options.tls?.dial ? { dial: options.tls.dial } : {}),
    install,
    owner: owner.name,
    ownerPrefix: owner.prefix,
    answerAgent: ({ lease, id: sessionId }, frame, settle) =>
      commandHost().transports.agent(sessionId, { lease, settle })(frame),
    answerCard: cards.answer,
    log: log.event,
    report,
  });
  log.event("host-started", { data: dataDir });
  return {
    start: async () => {
      await host.start();
      cards.start();
    },
    ...{ owner, runtime, carriers: host.carriers, refresh: host.refresh },
    close: async () => {
      // If one part cannot be closed, the others are still closed.
      for (const part of [cards, host, runtime]) await part.close().catch(report);
      log.event("host-stopped");
      log.close();
    },
  };
};

/** The socket that agents dial. */
export const runnersSocketIn = (dataDir: string): string => join(dataDir, "runners.sock");

const clock = {
  now: (): string => new Date().toISOString(),
  id: (prefix: string): string => `${prefix}-${randomUUID()}`,
};

const unloggedText = (dataDir: string, code: string): string =>
  `The log ${logFileIn(dataDir)} cannot be written (${code}). The host keeps running; these lines are missing in its log.`;

/** Tells the containers of this data folder from those of another on the same machine. */
const installOf = (dataDir: string): string =>
  createHash("sha256").update(realpathSync(dataDir)).digest("hex").slice(0, 16);

/** The bundle of another program, which lies beside the host's own. */
const programBeside = (program: "agent-runner" | "ncl"): readonly [string, string] => {
  const beside = [`${program}.cjs`, `${program}.js`].map((name) =>
    fileURLToPath(new URL(name, import.meta.url)),
  );
  return [process.execPath, beside.find((file) => existsSync(file)) ?? beside[0] ?? ""];
};
