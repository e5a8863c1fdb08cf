import { createServer } from "node:http";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { listenOnSocket } from "@gatehouse/socket-server";
import {
  agentFiles,
  openAgentSide,
  serveFiles,
  serveRunners,
  type Workload,
  workloadOf,
} from "@nc/session-db/node";
import { awaitHead } from "./await-head.ts";
import { followConnection } from "./containers/follow-connection.ts";
import type { LoopContext } from "./context.ts";
import { watchAgents } from "./watch-agents.ts";

/** Connections at once: one for each agent, and those that have shown no token yet. */
const maxConnections = 10_000;

/** Connections that have shown no token yet. One more ends the oldest: an agent shows its token within ms. */
const mostStrangers = 256;

/** How long a connection may take until it is a WebSocket, ms. */
const handshakeMs = 10_000;

/** The agents' door to their sessions. */
export type AgentServer = {
  /** Says to all agents that the host stops soon: they claim nothing new. */
  readonly drain: () => void;
  /** Says to all agents that the host stops. They dial the next one. */
  readonly close: () => Promise<void>;
};

/**
 * Serves agents on a socket of their own. Its file is open to every account, since agents may run as another one: an
 * agent's token says which session it is of, and nobody else reads or writes anything.
 */
export const serveAgents = async (context: LoopContext): Promise<AgentServer> => {
  const { signals, runnersSocket: path, tlsDoor, report } = context;
  const db = context.central.rows;
  const strangers = boundedStrangers();
  const server = createServer(
    serveFiles({
      open: async (token, { socket }) => {
        const workload = await workloadOf(db, token);
        if (workload === null) return null;
        strangers.known(socket);
        return agentFiles(db, workload, context.now);
      },
      report,
    }),
  );
  const watch = watchAgents(context);
  const runners = serveRunners(server, {
    open: async (token, stream) => {
      const workload = await workloadOf(db, token);
      if (workload === null) return null;
      strangers.known(stream);
      watch.welcomed(stream, workload);
      const agent = openAgentSide({ db, signals, ...workload });
      const hasEnded = followConnection(context, workload, () => void stream.destroy());
      return {
        ...agent,
        close: () => {
          hasEnded();
          return agent.close();
        },
      };
    },
    outdated: async (token, versions) => {
      const workload = await workloadOf(db, token);
      if (workload !== null) await replaceOutdated(context, workload, versions);
    },
    ...{ ended: watch.ended, report },
  });
  const accept = (socket: Socket): void => {
    strangers.add(socket);
    awaitHead(socket, () => server.emit("connection", socket));
  };
  const listening = await listenOnSocket({ path, isOpenToAll: true, maxConnections, report, accept });
  if (!listening.ok) throw new Error(`Agents cannot be served at ${path} (${listening.error.code}).`);
  tlsDoor?.serve(accept);
  const stopWatching = watch.start(runners.connections);
  return {
    drain: runners.drain,
    close: async () => {
      runners.close();
      await Promise.all([listening.value.close(), tlsDoor?.close(), stopWatching()]);
    },
  };
};

/** Connections that have shown no token yet. */
const boundedStrangers = () => {
  const strangers = new Set<Duplex>();
  return {
    add: (socket: Socket): void => {
      socket.setTimeout(handshakeMs, () => socket.destroy());
      strangers.add(socket);
      socket.once("close", () => strangers.delete(socket));
      const [oldest] = strangers;
      if (strangers.size > mostStrangers) oldest?.destroy();
    },
    known: (stream: Duplex): void => void strangers.delete(stream),
  };
};

/**
 * Stops a workload whose runner speaks another version of the wire: it was started by another build, or its image is of
 * one. It counts no try, and another one takes over, later each time.
 */
const replaceOutdated = async (
  { held, log }: LoopContext,
  { sessionId, incarnation }: Workload,
  versions: readonly number[],
): Promise<void> => {
  log("agent-outdated", { session: sessionId, incarnation, versions: versions.join(" ") });
  await held.get(sessionId)?.tell({ type: "outdated", incarnation });
};
