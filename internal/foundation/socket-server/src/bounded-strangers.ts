import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The connections of a socket that every account or machine may open, until they show who they are. */
export type Strangers = {
  /**
   * Adds a connection, once. One too many ends the oldest of its address, or of the address that has most. `whose` stands
   * for another sign than the address.
   */
  readonly add: (socket: Socket, whose?: string) => void;
  /** Removes a connection that has shown who it is. */
  readonly known: (stream: Duplex) => void;
  /** Ends all of them. */
  readonly end: () => void;
};

/**
 * Keeps at most so many strangers, so that they leave room for all others, and so many of one address, so that one machine
 * ends no connection of another. All connections of a Unix socket have the same address.
 */
export const boundedStrangers = (most: number, mostOfAddress: number = most): Strangers => {
  const byAddress = new Map<string, Set<Duplex>>();
  const remove = (address: string, stream: Duplex): void => {
    const strangers = byAddress.get(address);
    strangers?.delete(stream);
    if (strangers?.size === 0) byAddress.delete(address);
  };
  const addressOf = new Map<Duplex, string>();
  const forget = (stream: Duplex): void => {
    remove(addressOf.get(stream) ?? "", stream);
    addressOf.delete(stream);
  };
  return {
    add: (socket, whose) => {
      if (socket.destroyed || addressOf.has(socket)) return;
      const address = whose ?? socket.remoteAddress ?? "";
      const own = byAddress.get(address) ?? new Set();
      byAddress.set(address, own.add(socket));
      addressOf.set(socket, address);
      socket.once("close", () => forget(socket));
      const crowd = own.size > mostOfAddress ? own : addressOf.size > most ? largest(byAddress) : null;
      const [oldest] = crowd ?? [];
      oldest?.destroy();
    },
    known: forget,
    end: () => {
      for (const stream of addressOf.keys()) stream.destroy();
    },
  };
};

const largest = (byAddress: ReadonlyMap<string, Set<Duplex>>): Set<Duplex> =>
  [...byAddress.values()].reduce((a, b) => (b.size > a.size ? b : a), new Set<Duplex>());
