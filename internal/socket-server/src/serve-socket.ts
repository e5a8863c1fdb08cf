import { lstatSync, renameSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import process from "node:process";
import { systemCode, type Result } from "@gatehouse/std";
import { claimSocketPath, type SocketPathError } from "./claim-socket-path.ts";
import { refuse } from "./refuse.ts";
import { serveConnection, type Answer, type Connection, type ConnectionOptions } from "./serve-connection.ts";

export type SocketOptions = ConnectionOptions & { readonly path: string };

/** A server that listens on its socket. */
export type SocketServer = {
  /** Takes no more connections, ends each one after its current frame, and removes the socket. */
  close(): Promise<void>;
};

/** Clients at once. The usual limit of open files is 1024, and the database needs some. */
const maxConnections = 512;

/** Further clients that get an error. Connections beyond these are dropped without a reply. */
const maxRefused = 64;

/** Milliseconds that a client gets to take its last answer when the host stops. */
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
  const claimed = await claimSocketPath(path);
  if (!claimed.ok) return claimed;
  const running = createRunning(answer);
  const connections = new Map<Socket, Connection>();
  const options: ConnectionOptions = { answer: running.answer, report };
  // A client that ended its side (`echo ... | nc -U`) still gets its answers.
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    if (connections.size >= maxConnections) return refuseOneMore(socket);
    connections.set(socket, serveConnection(socket, options));
    socket.once("close", () => connections.delete(socket));
  });
  server.maxConnections = maxConnections + maxRefused;
  const listening = await listen(server, path);
  if (!listening.ok) return listening;
  const own = stampOf(path);
  // For example, no more files can be opened: the host loses that client and continues.
  server.on("error", report);
  return {
    ok: true,
    value: { close: () => close(() => closeServer(server, path, own), connections, running) },
  };
};

/**
 * Counts the running commands: a command goes on when its client leaves, and the host waits for it before it
 * stops.
 */
const createRunning = (answer: Answer): Running => {
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
  readonly answer: Answer;
  /** Resolves when no command runs. */
  none(): Promise<void>;
};

/** The umask gives the socket mode 0600 from its first moment: bind(2) happens within `listen`. */
const listen = (server: Server, path: string): Promise<Result<null, SocketPathError>> =>
  new Promise((resolve) => {
    server.once("listening", () => resolve({ ok: true, value: null }));
    server.once("error", (error) =>
      resolve({ ok: false, error: { code: "socket-unavailable", path, detail: systemCode(error) } }),
    );
    const before = process.umask(0o177);
    server.listen(path);
    process.umask(before);
  });

const refuseOneMore = (socket: Socket): void => {
  socket.on("error", () => {});
  refuse(socket, `The host already serves ${maxConnections} connections: try again later.`);
};

/**
 * Identifies the file at a path; null if there is none. The inode alone is not enough: some file systems
 * reuse it at once.
 */
const stampOf = (path: string): string | null => {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev} ${stats.ino} ${stats.birthtimeNs}`;
};

/**
 * When libuv closes a socket it removes the file at its path (Node 20.20). If the data folder was replaced,
 * that file is another host's socket, so it is renamed while the server closes.
 */
const closeServer = (server: Server, path: string, own: string | null): Promise<unknown> => {
  const there = stampOf(path);
  const isAnothers = there !== null && there !== own;
  const aside = `${path}.${process.pid}`;
  if (isAnothers) renameSync(path, aside);
  const closed = new Promise((resolve) => server.close(resolve));
  if (isAnothers) renameSync(aside, path);
  return closed;
};

const close = async (
  closeServer: () => Promise<unknown>,
  connections: ReadonlyMap<Socket, Connection>,
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
