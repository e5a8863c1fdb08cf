import type { WebSocket } from "ws";

/** How a connection is watched, ms. */
export type PingTimes = {
  /** The other side is pinged when it has said nothing for so long. */
  readonly everyMs: number;
  /** A connection that brings nothing for so long is ended: the other side is gone without a word. */
  readonly silentMs: number;
};

/** A ping may be lost, or its pong be late. */
export const defaultPing: PingTimes = { everyMs: 20_000, silentMs: 45_000 };

/** What a watched connection has brought last. */
export type Watched = { readonly lastHeardAt: () => number };

/**
 * Pings the other side while it is silent, and ends the connection when nothing comes for too long. Pings are control
 * frames of WebSocket, which every peer answers by itself: they carry nothing, and cost no turn of a runner's calls.
 */
export const keepAlive = (socket: WebSocket, { everyMs, silentMs }: PingTimes): Watched => {
  let heardAt = Date.now();
  const dead = setTimeout(() => socket.terminate(), silentMs);
  const pinging = setInterval(() => {
    if (socket.readyState === socket.OPEN) socket.ping();
  }, everyMs);
  const hear = (): void => {
    heardAt = Date.now();
    dead.refresh();
    pinging.refresh();
  };
  for (const event of ["ping", "pong", "message"] as const) socket.on(event, hear);
  socket.once("close", () => {
    clearTimeout(dead);
    clearInterval(pinging);
  });
  return { lastHeardAt: () => heardAt };
};
