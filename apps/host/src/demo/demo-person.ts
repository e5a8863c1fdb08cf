import { randomUUID } from "node:crypto";
import { chatLink, type ShownMessage } from "@gatehouse/channels/client";
import type { Card } from "@gatehouse/std";

/** A person of the demo, on the same socket as `gatehouse chat`. */
export type DemoPerson = {
  /** Sends a message, and resolves with its answer. */
  readonly ask: (text: string) => Promise<ShownMessage>;
  /** Resolves with the first message that matches, also if it came before the call. */
  readonly next: (matches: (message: ShownMessage) => boolean) => Promise<ShownMessage>;
  readonly answer: (card: Card, option: string) => void;
  readonly leave: () => void;
};

type Waiting = {
  readonly matches: (message: ShownMessage) => boolean;
  readonly resolve: (message: ShownMessage) => void;
  readonly reject: (error: Error) => void;
};

/** The time limit for a message, ms. */
const usualMs = 15_000;

/** Begins a chat with a group as the only owner, who waits so long for a message, ms. */
export const demoPerson = (socketPath: string, group: string, timeoutMs: number = usualMs): DemoPerson => {
  const seen: ShownMessage[] = [];
  const waiting = new Set<Waiting>();
  const fail = (why: string): void => {
    for (const { reject } of waiting) reject(new Error(why));
    waiting.clear();
  };
  const link = chatLink({
    socketPath,
    group,
    as: null,
    reconnectMs: 0,
    events: {
      welcome: () => {},
      taken: () => {},
      lost: () => {},
      refused: ({ message }) => fail(message),
      message: (message) => {
        seen.push(message);
        for (const one of waiting) {
          if (!one.matches(message)) continue;
          waiting.delete(one);
          one.resolve(message);
        }
      },
    },
  });
  void link.ended.then((ended) => fail(ended.ok ? "The chat has ended." : ended.error.message));
  const next: DemoPerson["next"] = (matches) => {
    const earlier = seen.find(matches);
    if (earlier !== undefined) return Promise.resolve(earlier);
    return new Promise((resolve, reject) => {
      const one = { matches, resolve, reject };
      waiting.add(one);
      setTimeout(() => {
        if (waiting.delete(one)) reject(new Error(`No answer came within ${timeoutMs / 1_000} s.`));
      }, timeoutMs).unref();
    });
  };
  return {
    next,
    ask: (text) => {
      const id = randomUUID();
      link.say({ type: "message", id, text });
      return next(({ inReplyTo }) => inReplyTo === id);
    },
    answer: ({ id: cardId, digest: seen }, option) =>
      link.say({ type: "answer", id: randomUUID(), cardId, option, seen }),
    leave: link.stop,
  };
};
