import type { Socket } from "node:net";

/**
 * Resolves when the other side has read all written bytes, or the connection is closed. With `stalledMs`, closes a
 * connection whose other side reads nothing for this time, ms.
 */
export const drained = (socket: Socket, stalledMs?: number): Promise<void> =>
  new Promise((resolve) => {
    const timer = stalledMs === undefined ? undefined : setTimeout(() => socket.destroy(), stalledMs);
    const done = (): void => {
      clearTimeout(timer);
      socket.off("drain", done);
      socket.off("close", done);
      resolve();
    };
    socket.on("drain", done);
    socket.on("close", done);
    if (socket.destroyed) done();
  });
