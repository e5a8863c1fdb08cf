import type { AddressInfo } from "node:net";
import { createServer, type TLSSocket } from "node:tls";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import { mostUnaccepted } from "../listen-on-socket.ts";
import { boundHandshakes, handshakeMs } from "./bound-handshakes.ts";
import type { TlsError, TlsIdentity } from "./tls-identity.ts";

export type ListenOnTlsOptions = {
  readonly host: string;
  /** 0 for any free port. */
  readonly port: number;
  readonly identity: TlsIdentity;
  /** The names (ALPN) by which a connection chooses what it is served. A connection without one of them is ended. */
  readonly protocols: readonly string[];
  /** Maximum number of connections. Further ones are dropped without a reply. */
  readonly maxConnections: number;
  /** Called with an error of the server itself, for example when no more files can be opened. */
  readonly report: (error: unknown) => void;
};

/** A port on which the host accepts TLS. */
export type TlsDoor = {
  readonly port: number;
  /** Sets the handler of a protocol's connections. Earlier connections are ended. */
  readonly serve: (protocol: string, accept: (socket: TLSSocket) => void) => void;
  /** Refuses new connections. Resolves when the last one is closed. */
  readonly close: () => Promise<unknown>;
};

/** Listens on a TCP port for TLS 1.3 only. */
export const listenOnTls = async (options: ListenOnTlsOptions): Promise<Result<TlsDoor, TlsError>> => {
  const { host, port, identity, protocols, maxConnections, report } = options;
  const handlers = new Map<string, (socket: TLSSocket) => void>();
  const { cert, key } = identity;
  const server = createServer({
    cert,
    key,
    minVersion: "TLSv1.3",
    handshakeTimeout: handshakeMs,
    ALPNProtocols: [...protocols],
  });
  server.maxConnections = maxConnections;
  const endHandshakes = boundHandshakes(server);
  server.on("secureConnection", (socket) => {
    const accept = handlers.get(socket.alpnProtocol || "");
    if (accept === undefined) socket.destroy();
    else accept(socket);
  });
  const problem = await new Promise<string | null>((resolve) => {
    server.once("listening", () => resolve(null));
    server.once("error", (error) => resolve(systemCode(error)));
    server.listen({ host, port, backlog: mostUnaccepted });
  });
  if (problem !== null) return fail(unlistened(`${host}:${port}`, problem));
  server.on("error", report);
  return ok({
    port: (server.address() as AddressInfo).port,
    serve: (protocol, accept) => void handlers.set(protocol, accept),
    close: () =>
      new Promise((resolve) => {
        endHandshakes();
        server.close(resolve);
      }),
  });
};

const unlistened = (at: string, code: string): TlsError => {
  const message = `Runners cannot be served at ${at} (${code}).`;
  if (code === "EADDRINUSE")
    return {
      code: "port-in-use",
      message: `Another program listens on ${at} already.`,
      fix: "end that program, or name another port with --listen",
    };
  if (code === "EACCES")
    return { code: "port-refused", message, fix: "name a port above 1023 with --listen" };
  return { code: "port-unavailable", message, fix: "name an address of this machine with --listen" };
};
