import { listenOnSocket } from "@gatehouse/socket-server";
import type { Result } from "@gatehouse/std";
import { socketAddress } from "@gatehouse/held-client/records";
import { connectionOn, type Connection } from "./connection.ts";
import { protocolVersion, requestIn, type HeldRequest } from "./requests.ts";

export type ControlSocket = {
  /** Refuses new connections and removes the socket; open connections stay. */
  readonly close: () => Promise<void>;
};

/** Maximum number of clients at one time. */
const maxConnections = 64;
/** Timeout for the first line, ms. */
const firstLineMs = 10_000;

/** Listens for clients of one agent; `serve` gets the request of each client. */
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
        // The promise resolves only when the last connection ends, and no caller needs that; the socket's
        // file is removed at once.
        await Promise.race([closed, new Promise((resolve) => setTimeout(resolve, 50))]);
        address.close();
      },
    },
  };
};
