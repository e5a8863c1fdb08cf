import { createLineSplitter } from "@gatehouse/socket-server";
import { parseJson } from "@gatehouse/std";
import type { Socket } from "node:net";

/** Maximum length of a line, in bytes; a longer one ends the connection. A prompt of `send` has to fit. */
export const longestLine: number = 256 * 1024;

/** A client of a control socket. It sends and receives JSON objects, one on each line. */
export type Connection = {
  readonly send: (line: object) => void;
  /** Bytes that the client has not read yet. */
  readonly waiting: () => number;
  /** Ends the connection after all lines were sent. */
  readonly end: () => void;
  readonly onLine: (listener: (line: unknown) => void) => void;
  /** Called when the client has read all that was sent. */
  readonly onDrain: (listener: () => void) => void;
  readonly onClose: (listener: () => void) => void;
};

/** Maximum of unread bytes for a client; a client that reads more slowly is dropped. */
const mostWaiting = 8 * 1024 * 1024;

export const connectionOn = (socket: Socket): Connection => {
  const lines = createLineSplitter(longestLine);
  let listener: (line: unknown) => void = () => {};
  socket.on("data", (chunk) => {
    const split = lines.push(chunk);
    for (const line of split.lines) listener(parseJson(line.toString("utf8")));
    if (split.tooLong) socket.destroy();
  });
  // The client has left; `close` follows.
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
