import { createLineSplitter } from "@gatehouse/socket-server";
import { parseJson } from "@gatehouse/std";
import type { Socket } from "node:net";

/** Bytes of a line; a longer one ends the connection. A prompt of `send` has to fit. */
export const longestLine: number = 256 * 1024;

/** A client of a control socket: objects, one JSON line each. */
export type Connection = {
  readonly send: (line: object) => void;
  /** Bytes that the client has not read yet. */
  readonly waiting: () => number;
  /** Ends it once all was sent. */
  readonly end: () => void;
  readonly onLine: (listener: (line: unknown) => void) => void;
  /** What was sent has been read. */
  readonly onDrain: (listener: () => void) => void;
  readonly onClose: (listener: () => void) => void;
};

/** Bytes that are kept for a client that does not read; beyond them it is dropped. */
const mostWaiting = 8 * 1024 * 1024;

export const connectionOn = (socket: Socket): Connection => {
  const lines = createLineSplitter(longestLine);
  let listener: (line: unknown) => void = () => {};
  socket.on("data", (chunk) => {
    const split = lines.push(chunk);
    for (const line of split.lines) listener(parseJson(line.toString("utf8")));
    if (split.tooLong) socket.destroy();
  });
  // A client that has gone; `close` follows.
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.end());
  return {
    send: (line) => {
      if (socket.destroyed || !socket.writable) return;
      socket.write(`${JSON.stringify(line)}\n`);
      if (socket.writableLength > mostWaiting) socket.destroy();
    },
    waiting: () => socket.writableLength,
    end: () => void socket.end(),
    onLine: (next) => (listener = next),
    onDrain: (next) => void socket.on("drain", next),
    onClose: (next) => void socket.once("close", next),
  };
};
