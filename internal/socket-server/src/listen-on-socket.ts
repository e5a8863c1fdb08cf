import { lstatSync, renameSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import process from "node:process";
import { systemCode, type Result } from "@gatehouse/std";
import { claimSocketPath, type SocketPathError } from "./claim-socket-path.ts";

export type ListenOptions = {
  readonly path: string;
  /** Every account may connect: whoever does has to say who it is. Else its owner alone. */
  readonly isOpenToAll?: boolean;
  /** Connections at once. Those beyond it are dropped without a reply. */
  readonly maxConnections: number;
  readonly accept: (socket: Socket) => void;
  /** Called with an error of the server itself, for example when no more files can be opened. */
  readonly report: (error: unknown) => void;
};

/** A socket that is listened on. */
export type SocketListener = {
  /** Takes no more connections and removes the socket. Resolves when the last connection is closed. */
  close(): Promise<unknown>;
};

/**
 * Listens on a Unix socket that only its owner may open, unless it is for all. A socket that a killed host left behind is replaced.
 */
export const listenOnSocket = async ({
  path,
  isOpenToAll = false,
  maxConnections,
  accept,
  report,
}: ListenOptions): Promise<Result<SocketListener, SocketPathError>> => {
  const claimed = await claimSocketPath(path);
  if (!claimed.ok) return claimed;
  // A client that ended its side (`echo ... | nc -U`) still gets its answers.
  const server = createServer({ allowHalfOpen: true }, accept);
  server.maxConnections = maxConnections;
  const listening = await listen(server, path, isOpenToAll ? 0o111 : 0o177);
  if (!listening.ok) return listening;
  const own = stampOf(path);
  // For example, no more files can be opened: the host loses that client and continues.
  server.on("error", report);
  return { ok: true, value: { close: () => closeServer(server, path, own) } };
};

/** The umask gives the socket its mode from its first moment: bind(2) happens within `listen`. */
const listen = (server: Server, path: string, umask: number): Promise<Result<null, SocketPathError>> =>
  new Promise((resolve) => {
    server.once("listening", () => resolve({ ok: true, value: null }));
    server.once("error", (error) =>
      resolve({ ok: false, error: { code: "socket-unavailable", path, detail: systemCode(error) } }),
    );
    const before = process.umask(umask);
    server.listen(path);
    process.umask(before);
  });

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
