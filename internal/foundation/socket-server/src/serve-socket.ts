import type { Socket } from "node:net";
import type { Result } from "@gatehouse/std";
import type { SocketPathError } from "./claim-socket-path.ts";
import { frameBudget } from "./frame-budget.ts";
import { listenOnSocket } from "./listen-on-socket.ts";
import { refuse } from "./refuse.ts";
import {
  serveConnection,
  type AnswerFrame,
  type ServedClient,
  type ConnectionOptions,
} from "./serve-connection.ts";

export type SocketOptions = ConnectionOptions & { readonly path: string };

/** A server that listens on its socket. */
export type SocketServer = {
  /** Refuses new connections, ends each one after its current frame, and removes the socket. */
  close(): Promise<void>;
};

/** Maximum number of clients. The usual limit of open files is 1024, and the database needs some of them. */
const maxConnections = 512;

/** Number of further clients that get an error. More connections are dropped without a reply. */
const maxRefused = 64;

/** Time that a client gets to read its last answer when the host stops, ms. */
const closeMs = 5000;

/**
 * Answers newline-delimited JSON frames on a Unix socket. Only its owner may open it, so each client is the
 * operator. A socket that a killed host left behind is replaced.
 */
export const serveSocket = async ({
  path,
  answer,
  report,
}: SocketOptions): Promise<Result<SocketServer, SocketPathError>> => {
  const running = createRunning(answer);
  const connections = new Map<Socket, ServedClient>();
  const options: ConnectionOptions = { answer: running.answer, report };
  const budget = frameBudget();
  const accept = (socket: Socket): void => {
    if (connections.size >= maxConnections) return refuseOneMore(socket);
    connections.set(socket, serveConnection(socket, options, budget.share()));
    socket.once("close", () => connections.delete(socket));
  };
  const limit = maxConnections + maxRefused;
  const listening = await listenOnSocket({ path, maxConnections: limit, accept, report });
  if (!listening.ok) return listening;
  return { ok: true, value: { close: () => close(listening.value.close, connections, running) } };
};

/**
 * Counts the running commands: a command continues when its client leaves, and the host waits for it before
 * it stops.
 */
const createRunning = (answer: AnswerFrame): Running => {
  let count = 0;
  let whenNone = (): void => {};
  return {
    answer: async (frame) => {
      count += 1;
      try {
        return await answer(frame);
      } finally {
        count -= 1;
        if (count === 0) whenNone();
      }
    },
    none: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => (whenNone = resolve))),
  };
};

type Running = {
  readonly answer: AnswerFrame;
  /** Resolves when no command runs. */
  none(): Promise<void>;
};

const refuseOneMore = (socket: Socket): void => {
  socket.on("error", () => {});
  refuse(socket, `The host already serves ${maxConnections} connections: try again later.`);
};

const close = async (
  closeServer: () => Promise<unknown>,
  connections: ReadonlyMap<Socket, ServedClient>,
  running: Running,
): Promise<void> => {
  const closed = closeServer();
  for (const connection of connections.values()) connection.stop();
  await running.none();
  const timer = setTimeout(() => {
    for (const socket of connections.keys()) socket.destroy();
  }, closeMs);
  await closed;
  clearTimeout(timer);
};
