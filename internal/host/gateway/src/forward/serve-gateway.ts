import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { join } from "node:path";
import { boundedStrangers, listenOnSocket, type SocketPathError } from "@gatehouse/socket-server";
import { ok, type Result } from "@gatehouse/std";
import { openGate } from "./bounds.ts";
import { answerRequest, type GatewayDeps, type GatewayLimits } from "./answer-request.ts";

export type GatewayOptions = Omit<GatewayDeps, "limits" | "gate" | "known"> & {
  readonly path: string;
  readonly limits?: Partial<GatewayLimits>;
  /** The clock of the bounds, ms. */
  readonly now?: () => number;
  readonly report: (error: unknown) => void;
};

export type Gateway = {
  /** Serves a connection that came in by another way than the socket. */
  readonly accept: (socket: Socket) => void;
  readonly close: () => Promise<void>;
};

/** The gateway's socket, beside that of the runners. */
export const gatewaySocketIn = (dataDir: string): string => join(dataDir, "gateway.sock");

/** Most simultaneous requests, of all agents. */
const maxConnections = 4_096;

/** Most connections that have not shown a valid token. One more closes the oldest; an agent sends its token within ms. */
const mostStrangers = 256;

/** Maximum time from a connection to its request, and from a refusal to the connection's end, ms. */
const idleMs = 10_000;

const defaultLimits: GatewayLimits = {
  mostBytes: 2 ** 25,
  withinMs: 120_000,
  silenceMs: 600_000,
  checkEveryMs: 1_000,
};

/**
 * Serves the gateway on a Unix socket. Every account may connect, because agents may run as another account;
 * without a valid token a connection gets nothing. Each connection carries one request, so a second one in the
 * same packet is never read.
 */
export const serveGateway = async (options: GatewayOptions): Promise<Result<Gateway, SocketPathError>> => {
  const { path, report } = options;
  const strangers = boundedStrangers(mostStrangers);
  const deps: GatewayDeps = {
    ...options,
    limits: { ...defaultLimits, ...options.limits },
    gate: openGate(options.now ?? Date.now),
    known: ({ socket }) => strangers.known(socket),
  };
  const sockets = new Set<Socket>();
  const asked = new WeakSet<Socket>();
  const running = new Set<Promise<void>>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const { socket } = request;
    if (asked.has(socket)) return void socket.destroy();
    asked.add(socket);
    socket.setTimeout(0);
    response.once("finish", () => socket.setTimeout(idleMs));
    const answered = answerRequest(deps, request, response).catch((error: unknown) => {
      report(error);
      response.destroy();
    });
    running.add(answered);
    void answered.then(() => running.delete(answered));
  };
  const server = createServer({ maxHeaderSize: 2 ** 15 }, answer);
  server.on("clientError", (_, socket) => socket.destroy());
  const accept = (socket: Socket): void => {
    sockets.add(socket);
    strangers.add(socket);
    socket.once("close", () => sockets.delete(socket)).on("error", () => {});
    socket.setTimeout(idleMs, () => socket.destroy());
    server.emit("connection", socket);
  };
  const listening = await listenOnSocket({ path, isOpenToAll: true, maxConnections, report, accept });
  if (!listening.ok) return listening;
  return ok({
    accept,
    close: async () => {
      const closed = listening.value.close();
      for (const socket of sockets) socket.destroy();
      await closed;
      // The database stays open until their usage is settled.
      await Promise.all(running);
    },
  });
};
