import type { Socket } from "node:net";

/**
 * Time for which the connection stays open after the error, ms, so that the client can read it before a
 * reset.
 */
const lingerMs = 2000;

/** Refusals of the socket itself: the frame cannot be read, or its answer failed. */
type SocketErrorFrame = {
  readonly id: string;
  readonly ok: false;
  readonly error: { readonly code: "transport-error" | "handler-error"; readonly message: string };
};

/** An error frame of the transport itself, as a line. */
export const errorLine = (id: string, code: SocketErrorFrame["error"]["code"], message: string): string =>
  `${JSON.stringify({ id, ok: false, error: { code, message } } satisfies SocketErrorFrame)}\n`;

/**
 * Sends a client the reason for the end of its connection, and discards the rest of its input: if bytes were
 * left unread, the kernel would reset the connection and the client could not read the reason.
 */
export const refuse = (socket: Socket, message: string): void => {
  socket.end(errorLine("", "transport-error", message));
  socket.resume();
  const timer = setTimeout(() => socket.destroy(), lingerMs);
  socket.once("close", () => clearTimeout(timer));
};
