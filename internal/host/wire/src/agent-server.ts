import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { boundedStrangers, listenOnSocket, type TlsDoor } from "@gatehouse/socket-server";
import {
  agentFiles,
  openAgentSide,
  workloadOf,
  type SessionSignals,
  type Workload,
} from "@gatehouse/session-rows";
import type { Secrets } from "@gatehouse/session-rows/messages";
import { serveFiles } from "./serve-files.ts";
import { protocols } from "./wire-address.ts";
import { openRunnerServer } from "./runner-server.ts";
import { awaitHead } from "./await-head.ts";
import { watchAgents, type WatchOptions } from "./watch-agents.ts";

/** Most simultaneous connections: one for each agent, and those without a token yet. */
const maxConnections = 10_000;

/** Most connections without a token. One more closes the oldest; an agent sends its token within ms. */
const mostStrangers = 256;

/** How long a connection may take to become a WebSocket, ms. */
const handshakeMs = 10_000;

/** The dependencies and settings of the server for agents. */
export type AgentServerOptions = WatchOptions & {
  /** The rows of sessions. */
  readonly db: Kysely<CentralTables>;
  /** The socket that agents dial. Every account may connect; the token identifies the agent's session. */
  readonly runnersSocket: string;
  /** A TLS port that also serves agents. */
  readonly tlsDoor?: Pick<TlsDoor, "serve" | "close">;
  readonly signals: SessionSignals;
  /** Reads the secrets of an agent's MCP servers. They are sent to that agent only, and kept nowhere. */
  readonly secrets: (workload: Workload) => Promise<Secrets>;
  /** Returns the group of a workload's session; null if the session was deleted. */
  readonly groupOf: (workload: Workload) => Promise<string | null>;
  /** Called for each connection with a valid token. Returns a function to call when it has ended. */
  readonly connected: (workload: Workload, close: () => void) => () => void;
  /** Called for a runner that speaks another version of the wire than this host. It gets no connection. */
  readonly outdated: (workload: Workload) => Promise<void>;
  readonly report: (error: unknown) => void;
};

/** The server through which agents reach their sessions. */
export type AgentServer = {
  /** Tells all agents that the host stops soon, so that they claim nothing new. */
  readonly drain: () => void;
  /** Tells all agents that the host stops. They dial the next host. */
  readonly close: () => Promise<void>;
};

/**
 * Serves agents on a Unix socket. Every account may connect, because agents may run as another account;
 * without a valid token a connection can read and write nothing.
 */
export const openAgentServer = async (options: AgentServerOptions): Promise<AgentServer> => {
  const { db, signals, runnersSocket: path, tlsDoor, log, report } = options;
  const strangers = boundedStrangers(mostStrangers);
  const server = createServer(
    serveFiles({
      open: async (token, { socket }) => {
        const workload = await workloadOf(db, token);
        if (workload === null) return null;
        strangers.known(socket);
        const groupId = await options.groupOf(workload);
        return groupId === null ? null : agentFiles(db, { ...workload, groupId }, options.now);
      },
      report,
    }),
  );
  const watch = watchAgents(options);
  const runners = openRunnerServer(server, {
    open: async (token, stream) => {
      const workload = await workloadOf(db, token);
      if (workload === null) return null;
      strangers.known(stream);
      watch.welcomed(stream, workload);
      const secrets = () => options.secrets(workload);
      const agent = openAgentSide({ db, signals, ...workload, secrets });
      const hasEnded = options.connected(workload, () => void stream.destroy());
      return {
        ...agent,
        close: () => {
          hasEnded();
          return agent.close();
        },
      };
    },
    outdated: async (token, version) => {
      const workload = await workloadOf(db, token);
      if (workload === null) return;
      const { sessionId: session, incarnation } = workload;
      log("agent-outdated", { session, incarnation, version });
      await options.outdated(workload);
    },
    ended: watch.ended,
    report,
  });
  const accept = (socket: Socket): void => {
    socket.setTimeout(handshakeMs, () => socket.destroy());
    strangers.add(socket);
    awaitHead(socket, () => server.emit("connection", socket));
  };
  const listening = await listenOnSocket({ path, isOpenToAll: true, maxConnections, report, accept });
  if (!listening.ok) throw new Error(`Agents cannot be served at ${path} (${listening.error.code}).`);
  tlsDoor?.serve(protocols.wire, accept);
  const stopWatching = watch.start(runners.connections);
  return {
    drain: runners.drain,
    close: async () => {
      runners.close();
      await Promise.all([listening.value.close(), tlsDoor?.close(), stopWatching()]);
    },
  };
};
