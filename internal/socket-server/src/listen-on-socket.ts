import { chmodSync, linkSync, lstatSync, rmSync } from "node:fs";
import { mkdir, rm, rmdir } from "node:fs/promises";
import { createServer, type Server, type Socket } from "node:net";
import { basename, dirname, extname, join } from "node:path";
import { systemCode, type Result } from "@gatehouse/std";
import { claimSocketPath, type SocketPathError } from "./claim-socket-path.ts";

export type ListenOptions = {
  /** Ends in `.sock`. */
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
  const listening = await listenAt(server, path, isOpenToAll ? 0o666 : 0o600);
  if (!listening.ok) return listening;
  const own = stampOf(path);
  // For example, no more files can be opened: the host loses that client and continues.
  server.on("error", report);
  return { ok: true, value: { close: () => closeServer(server, path, own) } };
};

/**
 * Binds in a folder that nobody else may enter, and gives the socket its mode before it gets its name. A umask would do
 * that at once, and takes the same bits from every file and folder that this process's threads make meanwhile.
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
    // Unlike a rename it replaces nothing that is there by now.
    linkSync(unnamed, path);
    await remove(folder, unnamed);
    return { ok: true, value: null };
  } catch (error) {
    server.close();
    return { ok: false, error: { code: "socket-unavailable", path, detail: systemCode(error) } };
  }
};

/** Its name leaves the path of the socket in it shorter than `path`, whose length has a limit. */
const folderBeside = (path: string): string => join(dirname(path), `.${basename(path, extname(path))}`);

/** Nothing but a socket and its folder: another file there is an error. */
const remove = async (folder: string, socket: string): Promise<void> => {
  await rm(socket, { force: true });
  await rmdir(folder).catch((error: unknown) => {
    if (systemCode(error) !== "ENOENT") throw error;
  });
};

const listen = (server: Server, path: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    server.once("listening", resolve).once("error", reject);
    server.listen(path);
  });

/**
 * Identifies the file at a path; null if there is none. The inode alone is not enough: some file systems
 * reuse it at once.
 */
const stampOf = (path: string): string | null => {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? null : `${stats.dev} ${stats.ino} ${stats.birthtimeNs}`;
};

/** If the data folder was replaced, what is at the path is another host's. */
const closeServer = (server: Server, path: string, own: string | null): Promise<unknown> => {
  const closed = new Promise((resolve) => server.close(resolve));
  if (own !== null && stampOf(path) === own) rmSync(path);
  return closed;
};
