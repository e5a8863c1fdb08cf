import type { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** The connections of a socket that every account may open, until they show who they are. */
export type Strangers = {
  /** Adds a connection. One too many ends the oldest. */
  readonly add: (socket: Socket) => void;
  /** Removes a connection that has shown a valid token. */
  readonly known: (stream: Duplex) => void;
};

/** Keeps at most so many strangers, so that they leave room for all others. */
export const boundedStrangers = (most: number): Strangers => {
  const strangers = new Set<Duplex>();
  return {
    add: (socket) => {
      strangers.add(socket);
      socket.once("close", () => strangers.delete(socket));
      const [oldest] = strangers;
      if (strangers.size > most) oldest?.destroy();
    },
    known: (stream) => void strangers.delete(stream),
  };
};
