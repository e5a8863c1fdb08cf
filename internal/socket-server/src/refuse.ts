import type { Socket } from "node:net";
import type { ResponseFrame } from "@nc/cli-scope";

/** Milliseconds that a client is still listened to after our last word, so that it can read it before a reset. */
const lingerMs = 2000;

/** An error that the transport itself answers with, as a line. */
export const errorLine = (id: string, code: "transport-error" | "handler-error", message: string): string =>
  `${JSON.stringify({ id, ok: false, error: { code, message } } satisfies ResponseFrame)}\n`;

/**
 * Says why a client is served no further, and drops the rest of what comes: with bytes left unread the kernel would reset the
 * connection, and the client would not read why.
 */
export const refuse = (socket: Socket, message: string): void => {
  socket.end(errorLine("", "transport-error", message));
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
};
