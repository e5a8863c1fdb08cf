import type { WebSocket } from "ws";
import type { ByeCode, HostFrame, RunnerFrame } from "../../wire/frames.ts";

/** Sends a frame, unless the connection has ended. */
export const sendFrame = (socket: WebSocket, frame: HostFrame | RunnerFrame): void => {
  if (socket.readyState === socket.OPEN) socket.send(JSON.stringify(frame));
};

/** Says why the host ends a connection, and ends it. */
export const sayBye = (socket: WebSocket, code: ByeCode, message: string): void => {
  sendFrame(socket, { type: "bye", code, message });
  socket.close();
};
