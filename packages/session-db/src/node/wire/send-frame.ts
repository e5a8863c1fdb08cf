import type { WebSocket } from "ws";
import { wireLimits, type ByeCode, type HostFrame, type RunnerFrame } from "../../wire/frames.ts";

/**
 * Sends a frame, unless the connection has ended. A peer that does not read what it was sent is cut off, so that
 * nothing piles up for it: it may dial again.
 */
export const sendFrame = (socket: WebSocket, frame: HostFrame | RunnerFrame): void => {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > wireLimits.unreadBytes) return socket.terminate();
  socket.send(JSON.stringify(frame));
};

/** Time for the other side to end its part of a connection, ms. */
const byeMs = 2_000;

/** Says why the host ends a connection, and ends it. */
export const sayBye = (socket: WebSocket, code: ByeCode, message: string): void => {
  sendFrame(socket, { type: "bye", code, message });
  socket.close();
  const late = setTimeout(() => socket.terminate(), byeMs);
  socket.once("close", () => clearTimeout(late));
};
