import type { Socket } from "node:net";
import type { ResponseFrame } from "@nc/cli-scope";

/**
 * Milliseconds for which the connection stays open after the error, so that the client can read it before a
 * reset.
 */
const lingerMs = 2000;

/** An error frame of the transport itself, as a line. */
export const errorLine = (id: string, code: "transport-error" | "handler-error", message: string): string =>
  `${JSON.stringify({ id, ok: false, error: { code, message } } satisfies ResponseFrame)}\n`;

/**
 * Sends a client the reason why its connection ends, and discards the rest of its input: if bytes were left
 * unread, the kernel would reset the connection and the client could not read the reason.
 */
export const refuse = (socket: Socket, message: string): void => {
  socket.end(errorLine("", "transport-error", message));
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
};
