import { chmodSync, linkSync, lstatSync, rmSync, statSync } from "node:fs";
import { mkdir, rm, rmdir } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { basename, dirname, extname, join } from "node:path";
import { systemCode, type Result } from "@gatehouse/std";
import { claimSocketPath, type SocketPathError } from "./claim-socket-path.ts";

export type ListenOptions = {
  /** A path that ends in `.sock`. */
  readonly path: string;
  /**
   * True if every account may connect: clients must then identify themselves. Otherwise only the owner may
   * connect.
   */
  readonly isOpenToAll?: boolean;
  /** Maximum number of connections. Further ones are dropped without a reply. */
  readonly maxConnections: number;
  readonly accept: (socket: Socket) => void;
  /** Called with an error of the server itself, for example when no more files can be opened. */
  readonly report: (error: unknown) => void;
};

/** A socket that accepts connections. */
export type SocketListener = {
  /** Refuses new connections and removes the socket. Resolves when the last connection is closed. */
  close(): Promise<unknown>;
};

/**
 * Listens on a Unix socket that only its owner may open, unless `isOpenToAll`. Replaces the socket of a killed
 * host.
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
  // A client that closed its sending side (`echo ... | nc -U`) still gets its answers.
  const server = createServer({ allowHalfOpen: true }, accept);
  server.maxConnections = maxConnections;
  const listening = await listenAt(server, path, isOpenToAll ? 0o666 : 0o600);
  if (!listening.ok) return listening;
  const own = stampOf(path);
  // For example, no more files can be opened: the host loses that client and continues.
  server.on("error", report);
  return { ok: true, value: { close: () => closeServer(server, path, own) } };
};

/**
 * Binds the socket in a folder that no other account may enter, sets its mode, and only then gives it its path. A
 * umask would set the mode at once, but also applies to files that other threads of this process make meanwhile.
 */
const listenAt = async (
  server: Server,
  path: string,
  mode: number,
): Promise<Result<null, SocketPathError>> => {
  const folder = folderBeside(path);
  const unnamed = join(folder, "s");
  try {
    await remove(folder, unnamed);
    await mkdir(folder, { mode: 0o700 });
    await listen(server, unnamed);
    chmodSync(unnamed, mode);
    // A link, unlike a rename, does not replace an existing file.
    linkSync(unnamed, path);
    await remove(folder, unnamed);
    return { ok: true, value: null };
  } catch (error) {
    server.close();
    return { ok: false, error: { code: "socket-unavailable", path, detail: systemCode(error) } };
  }
};

/**
 * The folder's name is chosen so that the path of the socket in it is shorter than `path`, whose length is
 * limited.
 */
const folderBeside = (path: string): string => join(dirname(path), `.${basename(path, extname(path))}`);

/** Removes a socket and its folder. Fails if the folder has another file. */
const remove = async (folder: string, socket: string): Promise<void> => {
  await rm(socket, { force: true });
  await rmdir(folder).catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw error;
  });
};

/** Connections that wait to be accepted, as many as Linux allows (`somaxconn`): a flood leaves room for others. */
export const mostUnaccepted = 4_096;

const listen = (server: Server, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    server.once("listening", resolve).once("error", reject);
    server.listen({ path, backlog: mostUnaccepted });
  });

/**
 * Identifies the file at a path; null if there is none. The inode alone is not enough: some file systems
 * reuse it at once. After the stat of a socket, Node 20.20.2 follows no link when it next looks up a package;
 * the stat of "/" prevents this (`loadNative` of fs-kit).
 */
const stampOf = (path: string): string | null => {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  statSync("/");
  return stats === undefined ? null : `${stats.dev} ${stats.ino} ${stats.birthtimeNs}`;
};

/**
 * Closes the server. Keeps the file at the path if it is another host's, because the data folder was
 * replaced.
 */
const closeServer = (server: Server, path: string, own: string | null): Promise<unknown> => {
  const closed = new Promise((resolve) => server.close(resolve));
  if (own !== null && stampOf(path) === own) rmSync(path);
  return closed;
};
