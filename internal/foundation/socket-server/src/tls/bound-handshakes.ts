import type { Socket } from "node:net";
import type { Server } from "node:tls";
import { boundedStrangers } from "../bounded-strangers.ts";

/** Timeout of a handshake, ms: an option of the server. */
export const handshakeMs = 10_000;

/** Maximum number of unfinished handshakes, of all addresses and of one. A client needs a few round trips. */
const [mostHandshakes, mostOfAddress] = [256, 16];

/** Bounds the unfinished handshakes of a server, before it listens. Returns a function that ends them. */
export const boundHandshakes = (server: Server): (() => void) => {
  const strangers = boundedStrangers(mostHandshakes, mostOfAddress);
  /** The connection below each unfinished handshake, by its peer. */
  const shaking = new Map<string, Socket>();
  server.on("connection", (socket: Socket) => {
    const peer = peerOf(socket);
    shaking.set(peer, socket);
    socket.on("error", () => {}).once("close", () => shaking.delete(peer));
    strangers.add(socket);
  });
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  server.on("secureConnection", (socket) => {
    const below = shaking.get(peerOf(socket));
    shaking.delete(peerOf(socket));
    if (below !== undefined) strangers.known(below);
    socket.on("error", () => {});
  });
  return strangers.end;
};

const peerOf = ({ remoteAddress, remotePort }: Socket): string => `${remoteAddress} ${remotePort}`;
