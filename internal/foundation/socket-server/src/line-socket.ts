import type { Buffer } from "node:buffer";
import type { Socket } from "node:net";
import { drained } from "./drained.ts";
import { createLineQueue } from "./line-queue.ts";
import { createLineSplitter } from "./line-splitter.ts";

export type LineSocketOptions = {
  readonly maxLineBytes: number;
  /** Handles one line. The next line follows when it has resolved. */
  readonly line: (line: Buffer) => Promise<void>;
  /** Called when a line is too long. No more lines are read. */
  readonly tooLong: () => void;
};

/** Lines over a socket, with limits in both directions. */
export type LineSocket = {
  /** Resolves with false if the connection is closed, or if the other side read nothing and was disconnected. */
  readonly send: (frame: unknown) => Promise<boolean>;
  /**
   * Sends what was written, then closes. Further input is discarded, so that the other side can read the last
   * frames.
   */
  readonly end: () => void;
  /** Sends what was written, then closes at once. */
  readonly stop: () => void;
  /** Resolves when no line is in work. The lines of a closed connection are still handled. */
  readonly idle: () => Promise<void>;
};

/** Maximum bytes of complete lines that wait for their turn. Further input stays in the kernel's buffer. */
const maxWaitingBytes = 2 ** 16;

/** Time after which a connection is closed if the other side reads nothing, ms. */
const stalledMs = 30_000;

/** Time for the other side to read the last frames, ms. */
const lingerMs = 2000;

/**
 * Reads lines one after the other. A socket needs memory for at most a line, some chunks, and one frame to
 * send.
 */
export const lineSocket = (
  socket: Socket,
  { maxLineBytes, line, tooLong }: LineSocketOptions,
): LineSocket => {
  const splitter = createLineSplitter(maxLineBytes);
  const waiting = createLineQueue();
  let isBusy = false;
  let reading: Promise<void> = Promise.resolve();
  let isLast = false;
  let isTooLong = false;
  const closeInTime = (): void => {
    isLast = true;
    const timer = setTimeout(() => socket.destroy(), lingerMs);
    socket.once("close", () => clearTimeout(timer));
  };
  const end = (): void => {
    closeInTime();
    socket.end();
    socket.resume();
  };
  const readAll = async (): Promise<void> => {
    isBusy = true;
    for (let next = waiting.take(); next !== null && !socket.writableEnded; next = waiting.take())
      await line(next);
    isBusy = false;
    if (isTooLong) tooLong();
    else if (isLast) end();
    else socket.resume();
  };
  socket.on("data", (chunk: Buffer) => {
    if (isLast) return;
    const split = splitter.push(chunk);
    if (split.tooLong) isLast = isTooLong = true;
    for (const one of split.lines) waiting.put(one);
    if (!isBusy) reading = readAll();
    else if (waiting.bytes() > maxWaitingBytes) socket.pause();
  });
  // A client that has closed its side sends and receives nothing more.
  socket.on("end", () => {
    isLast = true;
    if (!isBusy) socket.end();
  });
  // The other side closed the connection (ECONNRESET, EPIPE); "close" follows.
  socket.on("error", () => {});
  return {
    send: async (frame) => {
      if (socket.destroyed || socket.writableEnded) return false;
      if (!socket.write(`${JSON.stringify(frame)}\n`)) await drained(socket, stalledMs);
      return !socket.destroyed;
    },
    end,
    stop: () => {
      closeInTime();
      socket.destroySoon();
    },
    idle: () => reading,
  };
};
