import type { Duplex } from "node:stream";
import type { Socket } from "node:net";
import { listenOnSocket, type SocketListener, type SocketPathError } from "@gatehouse/socket-server";
import type { Result } from "@gatehouse/std";

/** Most connections at once: an agent has one to its host, and one for each request to a model. */
const maxConnections = 10_000;

/**
 * Listens on a Unix socket, and passes each connection to the host, both ways as it comes. Every account may connect: the
 * host checks the token of each.
 */
export const forward = (
  path: string,
  connect: () => Duplex,
  report: (error: unknown) => void,
): Promise<Result<SocketListener, SocketPathError>> =>
  listenOnSocket({
    ...{ path, isOpenToAll: true, maxConnections, report },
    accept: (near: Socket) => {
      const far = connect();
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const)
        one.on("error", () => {}).once("close", () => void other.destroy());
      near.pipe(far).pipe(near);
    },
  });
