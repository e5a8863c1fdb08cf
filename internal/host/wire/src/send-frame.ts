import type { WebSocket } from "ws";
import { wireLimits } from "./frames.ts";

/**
 * Sends a frame, unless the connection has closed. A peer that has not read so many bytes is disconnected, so that unsent
 * data does not accumulate. It may dial again. Returns whether the frame was sent.
 */
export const sendFrame = (
  socket: WebSocket,
  frame: object,
  mostUnread: number = wireLimits.unreadBytes,
): boolean => {
  if (socket.readyState !== socket.OPEN) return false;
  if (socket.bufferedAmount > mostUnread) {
    socket.terminate();
    return false;
  }
  socket.send(JSON.stringify(frame));
  return true;
};
