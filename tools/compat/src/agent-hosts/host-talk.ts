import { randomUUID } from "node:crypto";
import { chatLink, chatSocketIn, type ShownMessage } from "@gatehouse/channels/client";

/** A conversation of ana with the group Ada, which goes on over kills of the host. */
export type Talk = {
  /** Sends a text; its id. */
  readonly say: (text: string) => string;
  /** Resolves when there is an answer to a message. */
  readonly isAnswered: (id: string) => Promise<void>;
  /** The texts that were shown as answers to a message, without cards. */
  readonly answersTo: (id: string) => readonly string[];
  readonly close: () => void;
};

/** Time limit of the next host to start, ms. */
const reconnectMs = 60_000;

/** Opens the conversation. `allows` decides each card by its text. */
export const openTalk = async (dataDir: string, allows: (card: string) => boolean): Promise<Talk> => {
  const shown: ShownMessage[] = [];
  const waiting = new Map<string, () => void>();
  let isWelcomed = (): void => {};
  const welcomed = new Promise<void>((resolve) => (isWelcomed = resolve));
  const link = chatLink({
    socketPath: chatSocketIn(dataDir),
    group: "Ada",
    as: "local:ana",
    reconnectMs,
    events: {
      welcome: () => isWelcomed(),
      taken: () => {},
      lost: () => {},
      refused: ({ code, message }) => {
        throw new Error(`${code}: ${message}`);
      },
      message: (message) => {
        if (message.card !== undefined) {
          const option = allows(JSON.stringify(message)) ? "approve" : "reject";
          const { id: cardId, digest: seen } = message.card;
          return link.say({ type: "answer", id: randomUUID(), cardId, option, seen });
        }
        shown.push(message);
        if (message.inReplyTo !== null) waiting.get(message.inReplyTo)?.();
      },
    },
  });
  // Before its first welcome a link ends with its host.
  await welcomed;
  return {
    say: (text) => {
      const id = randomUUID();
      link.say({ type: "message", id, text });
      return id;
    },
    isAnswered: (id) => new Promise((resolve) => void waiting.set(id, resolve)),
    answersTo: (id) => shown.filter(({ inReplyTo }) => inReplyTo === id).map(({ text }) => text),
    close: link.stop,
  };
};
