import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { listenOnSocket, type SocketListener, type SocketPathError } from "@gatehouse/socket-server";
import type { Result } from "@gatehouse/std";

/** Most connections at once: an agent has one to its host, and one for each request to a model. */
const maxConnections = 10_000;

/** Most unfinished dials at once. The host ends the oldest above 16 of one address, and this machine has two sockets. */
const mostDials = 6;

/**
 * Listens on a Unix socket, and passes each connection to the host, both ways as it comes. Every account may connect: the
 * host checks the token of each. Dials wait for their turn, so that none ends another.
 */
export const forward = (
  path: string,
  connect: () => Duplex,
  report: (error: unknown) => void,
): Promise<Result<SocketListener, SocketPathError>> => {
  const queue: Socket[] = [];
  let dials = 0;
  const next = (): void => {
    while (dials < mostDials) {
      const near = queue.shift();
      if (near === undefined) return;
      if (!near.destroyed) pass(near);
    }
  };
  const pass = (near: Socket): void => {
    const far = connect();
    dials += 1;
    let isDialling = true;
    const dialled = (): void => {
      if (!isDialling) return;
      isDialling = false;
      dials -= 1;
      next();
    };
    far.once("secureConnect", dialled).once("connect", () => void ("encrypted" in far || dialled()));
    far.once("close", dialled);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const)
      one.on("error", () => {}).once("close", () => void other.destroy());
    near.pipe(far).pipe(near);
  };
  return listenOnSocket({
    path,
    isOpenToAll: true,
    maxConnections,
    report,
    accept: (near) => {
      near.on("error", () => {});
      queue.push(near);
      next();
    },
  });
};
