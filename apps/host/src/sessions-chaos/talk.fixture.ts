import { randomUUID } from "node:crypto";
import { chatLink, type ShownMessage } from "@gatehouse/channels/client";
import { onTestFinished } from "vitest";
import type { Town } from "./town.fixture.ts";

/** One person's conversation with one group, over the same door as `gatehouse chat`. */
export type Talk = {
  readonly group: string;
  readonly person: string;
  /** What was sent, by id. */
  readonly sent: ReadonlyMap<string, string>;
  /** Says one more thing, when there is room for it. */
  readonly say: (text: string) => void;
  /** Answers a card that was shown here. */
  readonly answer: (cardId: string, option: "approve" | "reject") => void;
  /** Everything that was shown, in its order. */
  readonly shown: readonly ShownMessage[];
  /** How many of the messages sent were answered, or reported failed. */
  readonly answered: () => number;
};

type TalkOptions = {
  readonly chatSocket: string;
  readonly group: string;
  readonly person: string;
  readonly onShown: (message: ShownMessage) => void;
};

/** Everybody's conversations with all groups. */
export type Talks = {
  readonly all: readonly Talk[];
  /** Resolves when this is so. It is asked at each message that is shown. */
  readonly until: (isSo: () => boolean) => Promise<void>;
};

/** Begins them. `onShown` is called with each message and where it was shown. */
export const openTalks = (
  { chatSocket, groups, people }: Town,
  onShown: (message: ShownMessage, talk: Talk) => void,
): Talks => {
  const waiting = new Map<() => boolean, () => void>();
  const look = (): void => {
    for (const [isSo, resolve] of waiting) {
      if (!isSo()) continue;
      waiting.delete(isSo);
      resolve();
    }
  };
  const all = groups.flatMap((group) =>
    people.map((person): Talk => {
      const talk: Talk = openTalk({
        ...{ chatSocket, group, person },
        onShown: (message) => {
          onShown(message, talk);
          look();
        },
      });
      return talk;
    }),
  );
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.set(isSo, resolve);
      look();
    });
  return { all, until };
};

/** Milliseconds for which a host that is gone is waited for. */
const reconnectMs = 120_000;

/** Messages that wait for their answers at most; others are sent after them. */
const mostUnanswered = 20;

/** Begins one. It outlives every host, and ends with the test. Why it ended earlier is thrown. */
const openTalk = ({ chatSocket, group, person, onShown }: TalkOptions): Talk => {
  const sent = new Map<string, string>();
  const unanswered = new Set<string>();
  const waiting: string[] = [];
  const shown: ShownMessage[] = [];
  const send = (): void => {
    while (unanswered.size < mostUnanswered) {
      const text = waiting.shift();
      if (text === undefined) return;
      const id = randomUUID();
      sent.set(id, text);
      unanswered.add(id);
      link.say({ type: "message", id, text });
    }
  };
  let isOver = false;
  const link = chatLink({
    ...{ socketPath: chatSocket, group, as: person, reconnectMs },
    events: {
      welcome: () => {},
      taken: () => {},
      lost: () => {},
      refused: ({ code, message }) => {
        throw new Error(`${person} to ${group}: ${code}: ${message}`);
      },
      message: (message) => {
        shown.push(message);
        if (message.inReplyTo !== null && unanswered.delete(message.inReplyTo)) send();
        onShown(message);
      },
    },
  });
  onTestFinished(() => {
    isOver = true;
    link.stop();
  });
  void link.ended.then((ended) => {
    if (!isOver && !ended.ok) throw new Error(`${person} to ${group}: ${ended.error.message}`);
  });
  return {
    ...{ group, person, sent, shown },
    say: (text) => {
      waiting.push(text);
      send();
    },
    answer: (cardId, option) => link.say({ type: "answer", id: randomUUID(), cardId, option }),
    answered: () => sent.size - unanswered.size,
  };
};
