import { randomUUID } from "node:crypto";
import { chatLink, type ShownMessage } from "@gatehouse/channels/client";
import type { Card } from "@gatehouse/std";
import { onTestFinished } from "vitest";
import { saysKept } from "./session-rows.fixture.ts";
import type { Town } from "./town.fixture.ts";

/** One person's conversation with one group, on the same socket as `gatehouse chat`. */
export type Talk = {
  readonly group: string;
  readonly person: string;
  /** The sent messages, by id. */
  readonly sent: ReadonlyMap<string, string>;
  /** Sends a message, as soon as fewer than `mostUnanswered` are unanswered. */
  readonly say: (text: string) => void;
  /** Answers a card of this conversation. */
  readonly answer: (card: Card, option: "approve" | "reject") => void;
  /** All messages that were shown, in order. */
  readonly shown: readonly ShownMessage[];
  /** The number of sent messages that were answered, or reported as failed. */
  readonly answered: () => number;
  /** Resolves when the host has welcomed the client for the first time. Before that a link ends with its host. */
  readonly welcomed: Promise<void>;
};

type TalkOptions = {
  readonly chatSocket: string;
  readonly group: string;
  readonly person: string;
  readonly onShown: (message: ShownMessage) => void;
};

/** The conversations of all people with all groups. */
export type Talks = {
  readonly all: readonly Talk[];
  /** Resolves when `isSo` returns true. It is called at each message that is shown. */
  readonly until: (isSo: () => boolean) => Promise<void>;
};

/** Starts the conversations. `onShown` is called with each message and its conversation. */
export const openTalks = (
  { chatSocket, groups, people }: Pick<Town, "chatSocket" | "groups" | "people">,
  onShown: (message: ShownMessage, talk: Talk) => void,
): Talks => {
  const waiting = new Map<() => boolean, () => void>();
  const checkWaiting = (): void => {
    for (const [isSo, resolve] of waiting) {
      if (!isSo()) continue;
      waiting.delete(isSo);
      resolve();
    }
  };
  const all = groups.flatMap((group) =>
    people.map((person): Talk => {
      const talk: Talk = openTalk({
        chatSocket,
        group,
        person,
        onShown: (message) => {
          onShown(message, talk);
          checkWaiting();
        },
      });
      return talk;
    }),
  );
  const until = (isSo: () => boolean): Promise<void> =>
    new Promise((resolve) => {
      waiting.set(isSo, resolve);
      checkWaiting();
    });
  return { all, until };
};

/** The time to wait for the next host, ms. */
const reconnectMs = 120_000;

/** The most messages without an answer; further ones are sent later. */
const mostUnanswered = 20;

/** Starts a conversation. It continues after each host and ends with the test; throws if it ends earlier. */
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
  let isWelcomed = (): void => {};
  const welcomed = new Promise<void>((resolve) => (isWelcomed = resolve));
  const link = chatLink({
    socketPath: chatSocket,
    group,
    as: person,
    reconnectMs,
    events: {
      welcome: () => isWelcomed(),
      taken: () => {},
      lost: () => {},
      refused: ({ code, message }) => {
        throw new Error(`${person} to ${group}: ${code}: ${message}`);
      },
      message: (message) => {
        shown.push(message);
        if (message.inReplyTo !== null && !saysKept(message) && unanswered.delete(message.inReplyTo)) send();
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
    group,
    person,
    sent,
    shown,
    welcomed,
    say: (text) => {
      waiting.push(text);
      send();
    },
    answer: ({ id: cardId, digest: seen }, option) =>
      link.say({ type: "answer", id: randomUUID(), cardId, option, seen }),
    answered: () => sent.size - unanswered.size,
  };
};
