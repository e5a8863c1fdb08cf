import { Buffer } from "node:buffer";
import { closeSync, openSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";

/**
 * Maximum length of a Unix socket's path, in bytes. With the closing NUL it is 108 on Linux, and 104 on
 * macOS.
 */
const most = process.platform === "linux" ? 107 : 103;

/** A path to a socket that is short enough to bind or connect to. */
export type SocketAddress = {
  readonly path: string;
  /** Closes the folder; the path is invalid afterwards. */
  readonly close: () => void;
};

/**
 * The path itself if it is short enough; else, on Linux, a path through an open folder. On other systems a
 * long path is returned unchanged and cannot be bound. Throws if the folder cannot be opened.
 */
export const socketAddress = (path: string): SocketAddress => {
  if (Buffer.byteLength(path) <= most || process.platform !== "linux") return { path, close: () => {} };
  const folder = openSync(dirname(path), "r");
  return {
    path: join(`/proc/self/fd/${folder}`, basename(path)),
    close: () => closeSync(folder),
  };
};
