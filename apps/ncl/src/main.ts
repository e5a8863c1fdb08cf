import { existsSync, readFileSync, readSync, writeSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { isatty } from "node:tty";
import type { View } from "@nc/cli-scope/client";
import { runClient } from "./run-client.ts";

/** True after a write failed because the disk of stdout is full. */
let isFull = false;
/** True after a full pipe made a write wait. */
let isWaiting = false;

type Stream = { readonly descriptor: 1 | 2; readonly stream: () => NodeJS.WriteStream };
const stdout: Stream = { descriptor: 1, stream: () => process.stdout };
const stderr: Stream = { descriptor: 2, stream: () => process.stderr };

/**
 * Writes synchronously, because the streams of Node 20.20 take 3 ms to open. Uses a stream only for a full pipe that does
 * not block.
 */
const write = ({ descriptor, stream }: Stream, text: string): void => {
  let left = Buffer.from(text);
  try {
    while (left.length > 0) left = left.subarray(writeSync(descriptor, left));
  } catch (error) {
    unwritten(error as NodeJS.ErrnoException, () => {
      isWaiting = true;
      stream().on("error", (later: NodeJS.ErrnoException) => unwritten(later, () => {}));
      stream().write(left);
    });
  }
};

/** Handles a failed write. A reader that stopped (`| head -1`) and a closed terminal are no errors. */
const unwritten = (error: NodeJS.ErrnoException, wait: () => void): void => {
  if (error.code === "EAGAIN") wait();
  else if (error.code === "ENOSPC") isFull = true;
  else if (error.code !== "EPIPE" && error.code !== "EIO" && error.code !== "EBADF") throw error;
};

/** Reads all of stdin; null if it has more than `maxBytes`. */
const readStdin = (maxBytes: number): string | null => {
  const buffer = Buffer.alloc(maxBytes + 1);
  let length = 0;
  for (let read = 1; read > 0 && length <= maxBytes; length += read)
    read = readSync(0, buffer, length, buffer.length - length, null);
  return length > maxBytes ? null : buffer.toString("utf8", 0, length);
};

const view = (): View =>
  isatty(stdout.descriptor)
    ? { columns: process.stdout.columns, isColoured: !process.env["NO_COLOR"] }
    : { columns: null, isColoured: false };

/**
 * The version of the package that contains this file, and the commit of its build: the host's package ships this bundle.
 * `unknown` for a bundle that was copied elsewhere. Read only for `--version`.
 */
const packedVersion = (): string => {
  const file = join(import.meta.dirname, "../package.json");
  if (!existsSync(file)) return "unknown";
  const { name, version } = JSON.parse(readFileSync(file, "utf8")) as { name?: string; version: string };
  if (name?.startsWith("@gatehouse/") !== true) return "unknown";
  const build = join(import.meta.dirname, "build.json");
  if (!existsSync(build)) return version;
  const { commit } = JSON.parse(readFileSync(build, "utf8")) as { readonly commit: string | null };
  return commit === null ? version : `${version}+${commit}`;
};

void runClient(process.argv.slice(2), {
  env: process.env,
  home: homedir,
  get version() {
    return packedVersion();
  },
  view,
  stdin: readStdin,
  out: (text) => write(stdout, text),
  err: (text) => write(stderr, text),
}).then((code) => {
  if (isFull) write(stderr, "error: The answer could not be written: no space left on the device.\n");
  process.exitCode = isFull ? 2 : code;
  // All output is written and the socket is closed. Without this call, Node ends a millisecond later.
  if (!isWaiting) process.exit();
});
