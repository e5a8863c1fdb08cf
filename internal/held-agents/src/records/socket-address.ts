import { Buffer } from "node:buffer";
import { closeSync, openSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import process from "node:process";

/** Bytes of a Unix socket's address: 108 with the closing NUL on Linux, 104 on macOS. */
const most = process.platform === "linux" ? 107 : 103;

/** A path to a socket that is short enough to be bound or connected to. */
export type SocketAddress = {
  readonly path: string;
  /** The path means nothing after this. */
  readonly close: () => void;
};

/**
 * The path itself if it is short enough; else, on Linux, one that goes through an open folder. Elsewhere a long
 * path stays as it is and cannot be bound. Throws if the folder cannot be opened.
 */
export const socketAddress = (path: string): SocketAddress => {
  if (Buffer.byteLength(path) <= most || process.platform !== "linux") return { path, close: () => {} };
  const folder = openSync(dirname(path), "r");
  return {
    path: join(`/proc/self/fd/${folder}`, basename(path)),
    close: () => closeSync(folder),
  };
};
