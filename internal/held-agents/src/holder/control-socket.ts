import { listenOnSocket } from "@gatehouse/socket-server";
import type { Result } from "@gatehouse/std";
import { socketAddress } from "../records/socket-address.ts";
import { connectionOn, type Connection } from "./connection.ts";
import { protocolVersion, requestIn, type HeldRequest } from "./requests.ts";

export type ControlSocket = {
  /** Takes no more connections and removes the socket; those that are open stay. */
  readonly close: () => Promise<void>;
};

/** Clients at once. */
const maxConnections = 64;
/** Time for the first line, ms. */
const firstLineMs = 10_000;

/** Listens for clients of one agent; `serve` gets each one's request. */
export const openControlSocket = async (
  path: string,
  serve: (request: HeldRequest, connection: Connection) => void,
): Promise<Result<ControlSocket, string>> => {
  const address = socketAddress(path);
  const listening = await listenOnSocket({
    path: address.path,
    maxConnections,
    report: () => {},
    accept: (socket) => {
      const connection = connectionOn(socket);
      const tooLate = setTimeout(() => socket.destroy(), firstLineMs);
      connection.onClose(() => clearTimeout(tooLate));
      connection.onLine((line) => {
        clearTimeout(tooLate);
        connection.onLine(() => {});
        const request = requestIn(line);
        if (request !== null) return serve(request, connection);
        const message = `A request of version ${protocolVersion} is one JSON object on a line.`;
        connection.send({ v: protocolVersion, ok: false, error: { code: "bad-request", message } });
        connection.end();
      });
    },
  });
  if (!listening.ok) {
    address.close();
    return { ok: false, error: `${path}: ${listening.error.code}` };
  }
  return {
    ok: true,
    value: {
      close: async () => {
        const closed = listening.value.close();
        // Resolves with the last connection, for which nobody waits; the socket's file goes at once.
        await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 50))]);
        address.close();
      },
    },
  };
};
