import { Buffer } from "node:buffer";
import { lstat, unlink } from "node:fs/promises";
import { connect } from "node:net";
import process from "node:process";
import { systemCode, type Result } from "@gatehouse/std";

/**
 * Maximum length of a Unix socket's path in bytes, without the closing NUL: 107 on Linux (unix(7)), 103 on
 * macOS and the BSDs (sys/un.h).
 */
export const maxSocketPathBytes: number = process.platform === "linux" ? 107 : 103;

/** Why no socket can be bound at a path. */
export type SocketPathError =
  | { readonly code: "socket-path-too-long"; readonly path: string; readonly bytes: number }
  | { readonly code: "socket-in-use"; readonly path: string }
  | { readonly code: "not-a-socket"; readonly path: string }
  | { readonly code: "socket-unavailable"; readonly path: string; readonly detail: string };

/** Refuses a path that is too long: libuv would truncate it and bind another path. */
export const socketPathProblem = (path: string): SocketPathError | null => {
  const bytes = Buffer.byteLength(path);
  return bytes > maxSocketPathBytes ? { code: "socket-path-too-long", path, bytes } : null;
};

/**
 * Makes sure that a socket can be bound at a path. Removes the socket of a killed host. Refuses a socket on which a
 * host still answers, and any other kind of file.
 */
export const claimSocketPath = async (path: string): Promise<Result<null, SocketPathError>> => {
  const tooLong = socketPathProblem(path);
  if (tooLong !== null) return { ok: false, error: tooLong };
  try {
    if (!(await lstat(path)).isSocket()) return { ok: false, error: { code: "not-a-socket", path } };
    if (await isAnswered(path)) return { ok: false, error: { code: "socket-in-use", path } };
    await unlink(path);
    return { ok: true, value: null };
  } catch (error) {
    const code = systemCode(error);
    if (code === "ENOENT") return { ok: true, value: null };
    return { ok: false, error: { code: "socket-unavailable", path, detail: code } };
  }
};

/** Only ECONNREFUSED means that no process listens. EAGAIN means a host that is too busy to accept. */
const isAnswered = (path: string): Promise<boolean> =>
  new Promise((resolve, reject) => {
    const socket = connect(path);
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", (error) => {
      const code = systemCode(error);
      if (code === "ECONNREFUSED") resolve(false);
      else if (code === "EAGAIN") resolve(true);
      else reject(error);
    });
  });
