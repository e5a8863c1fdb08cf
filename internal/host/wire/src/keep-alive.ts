import type { WebSocket } from "ws";

/** How often a silent side is pinged by default, ms. */
export const defaultPingMs = 30_000;

/** A connection is closed after this many times without a word from the other side: 90 s by default. */
export const mostSilences = 3;

/** A watched connection. */
export type Watched = {
  readonly lastHeardAt: () => number;
  /** The connection was closed because the other side said nothing for too long. */
  readonly isSilent: () => boolean;
};

/**
 * Pings the other side after `pingMs` of silence, and closes the connection when several pings brought nothing: the
 * other side has gone without closing it. Pings are control frames of WebSocket, which every peer answers
 * automatically: they take no turn among a runner's calls. Silence is counted in pings, not read off a clock: a
 * process that was itself stopped for a minute has only not read yet what arrived.
 */
export const keepAlive = (socket: WebSocket, pingMs: number): Watched => {
  let heardAt = Date.now();
  let silences = 0;
  const pinging = setInterval(() => {
    silences += 1;
    if (silences === mostSilences) socket.terminate();
    else if (socket.readyState === socket.OPEN) socket.ping();
  }, pingMs);
  const hear = (): void => {
    heardAt = Date.now();
    silences = 0;
    pinging.refresh();
  };
  for (const event of ["ping", "pong", "message"] as const) socket.on(event, hear);
  socket.once("close", () => clearInterval(pinging));
  return { lastHeardAt: () => heardAt, isSilent: () => silences >= mostSilences };
};
