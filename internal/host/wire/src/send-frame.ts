import type { WebSocket } from "ws";
import { wireLimits, type ByeCode, type HostFrame, type RunnerFrame } from "./frames.ts";

/**
 * Sends a frame, unless the connection has closed. A peer that does not read is disconnected, so that unsent
 * data does not accumulate. It may dial again.
 */
export const sendFrame = (socket: WebSocket, frame: HostFrame | RunnerFrame): void => {
  if (socket.readyState !== socket.OPEN) return;
  if (socket.bufferedAmount > wireLimits.unreadBytes) return socket.terminate();
  socket.send(JSON.stringify(frame));
};

/** Time for the other side to close its part of a connection, ms. */
const byeMs = 2_000;

/** Sends the reason why the host closes a connection, and closes it. */
export const sayBye = (socket: WebSocket, code: ByeCode, message: string): void => {
  sendFrame(socket, { type: "bye", code, message });
  socket.close();
  const late = setTimeout(() => socket.terminate(), byeMs);
  socket.once("close", () => clearTimeout(late));
};
