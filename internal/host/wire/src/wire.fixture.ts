import { randomUUID } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { connect, createServer as createRelay, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openSqlite, type Sqlite } from "@gatehouse/sqlite";
import { onTestFinished } from "vitest";
import type { AgentSide } from "@gatehouse/session-rows/messages";
import type { HostSide } from "@gatehouse/session-rows";
import { openAgentSide } from "@gatehouse/session-rows";
import { createMessageTables } from "@gatehouse/central-database/testing";
import { openHostSide } from "@gatehouse/session-rows";
import { sessionSignals } from "@gatehouse/session-rows";
import type { CentralTables } from "@gatehouse/central-database";
import { dialHost } from "./runner/dial-host.ts";
import { openRunnerServer, type RunnerServer } from "./runner-server.ts";

/** The only secret of the agents of these hosts. */
export const planted = { TOKEN: "planted-secret" } as const;

/** Pings as often as a test can wait for, ms. */
export const fastPingMs = 250;

type Dialled = { readonly agent: AgentSide; readonly streams: readonly Socket[] };

type WireHost = {
  readonly reported: readonly unknown[];
  /** The reasons why connections ended. */
  readonly ended: readonly string[];
  readonly connections: RunnerServer["connections"];
  /** Stops the host, and starts another one on the same socket. */
  readonly restart: () => Promise<void>;
  /** Makes a new session: the host's side of it, and a token for its agent. */
  readonly session: () => { readonly host: (token: number) => HostSide; readonly token: () => string };
};

type WireFixture = {
  readonly folder: string;
  readonly path: string;
  readonly served: (pingMs?: number) => Promise<WireHost>;
  readonly dialled: (token: string, options?: { readonly at?: string; readonly pingMs?: number }) => Dialled;
  readonly remove: () => Promise<void>;
};

/** Hosts and runners that share one Unix socket and one database, for one test file. */
export const wireFixture = async (): Promise<WireFixture> => {
  const folder = mkdtempSync(join(tmpdir(), "wire-"));
  const path = join(folder, "runners.sock");
  const opened = await openSqlite<CentralTables>(join(folder, "central.db"));
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const { value: sqlite } = opened;
  await createMessageTables(sqlite.db);
  return {
    folder,
    path,
    served: (pingMs) => served(sqlite, path, pingMs),
    dialled: (token, options = {}) => dialled(token, { at: path, ...options }),
    remove: async (): Promise<void> => {
      await sqlite.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** A host that serves runners on the socket; each token belongs to one session. */
const served = async ({ db }: Sqlite<CentralTables>, path: string, pingMs?: number): Promise<WireHost> => {
  const signals = sessionSignals();
  const tokens = new Map<string, string>();
  const [reported, ended]: [unknown[], string[]] = [[], []];
  const secrets = () => Promise.resolve(planted);
  const open = async (token: string): Promise<AgentSide | null> => {
    const sessionId = tokens.get(token);
    return sessionId === undefined ? null : openAgentSide({ db, signals, sessionId, secrets });
  };
  const listening = async (): Promise<[Server, RunnerServer]> => {
    const server = createServer();
    const runners = openRunnerServer(server, {
      open,
      report: (error) => void reported.push(error),
      ended: (_stream, why) => void ended.push(why),
      ...(pingMs === undefined ? {} : { pingMs }),
    });
    await new Promise<void>((resolve) => server.listen(path, resolve));
    return [server, runners];
  };
  let [server, runners] = await listening();
  const close = async (): Promise<void> => {
    runners.close();
    await new Promise((resolve) => server.close(resolve));
  };
  onTestFinished(close);
  return {
    reported,
    ended,
    connections: () => runners.connections(),
    restart: async (): Promise<void> => {
      await close();
      [server, runners] = await listening();
    },
    session: () => {
      const sessionId = randomUUID();
      return {
        host: (token: number): HostSide => openHostSide({ db, signals, sessionId, token }),
        token: (): string => {
          const token = randomUUID();
          tokens.set(token, sessionId);
          return token;
        },
      };
    },
  };
};

/** A runner, and the streams that it has opened. */
const dialled = (
  token: string,
  { at, pingMs }: { readonly at: string; readonly pingMs?: number },
): Dialled => {
  const streams: Socket[] = [];
  const agent = dialHost({
    token,
    ...(pingMs === undefined ? {} : { pingMs }),
    connect: () => {
      const stream = connect(at);
      streams.push(stream);
      return stream;
    },
  });
  onTestFinished(() => agent.close());
  return { agent, streams };
};

/**
 * A relay on a socket of its own that forwards its connections. `silence` stops all data of the open
 * connections in both directions but keeps them open, as a lost network does.
 */
export const relay = async (at: string, to: string): Promise<{ readonly silence: () => void }> => {
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createRelay((from) => {
    const pair = [from, connect(to)] as const;
    pairs.add(pair);
    const [, on] = pair;
    from.pipe(on).pipe(from);
    for (const socket of pair)
      socket.on("error", () => {}).on("close", () => pair.forEach((one) => one.destroy()));
  });
  await new Promise<void>((resolve) => server.listen(at, resolve));
  onTestFinished(() => {
    for (const pair of pairs) for (const socket of pair) socket.destroy();
    server.close();
  });
  return {
    silence: (): void => {
      for (const [from, on] of pairs) {
        from.unpipe(on);
        on.unpipe(from);
        for (const socket of [from, on]) socket.removeAllListeners("close").pause();
      }
    },
  };
};
