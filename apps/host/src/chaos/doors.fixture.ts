import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chatLink, type ShownMessage } from "@gatehouse/channels/client";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { ResponseFrame } from "@nc/cli-scope";
import { expect, onTestFinished } from "vitest";
import { messengerOf, type Line, type MessengerName } from "./lines.fixture.ts";
import { answerIn, namedIn, readIn, saysKept } from "./rows.fixture.ts";

/** The ways by which people reach their agents: `gatehouse chat`, a page of the console, messengers. */
export type DoorName = "local" | "console" | MessengerName;

/** One person's conversation with one group. */
export type Talk = {
  readonly door: DoorName;
  readonly group: string;
  readonly person: string;
  /** Resolves when the host has welcomed the person. */
  readonly ready: Promise<void>;
  /** Sends a message, as soon as few enough of the earlier ones are unanswered. */
  readonly say: (text: string) => void;
  /** The messages given to `say`. */
  readonly said: readonly string[];
  /** The sent messages by their id; on a messenger by their text. */
  readonly sent: ReadonlyMap<string, string>;
  /** The number of messages that were answered, or reported as failed. */
  readonly answered: () => number;
  /** All texts that this person was shown, in order. */
  readonly shown: () => readonly string[];
  /** The cards that this person was shown, and that the load has not taken yet. */
  readonly cards: Card[];
  readonly answer: (card: Card, option: "approve" | "reject") => void;
};

type Card = NonNullable<ShownMessage["card"]>;

/** The part of a world that the doors need. */
type Ground = {
  readonly folders: readonly string[];
  readonly database: PostgresAddress | null;
  readonly groups: readonly string[];
  readonly people: readonly string[];
  readonly ask: (command: string, args: object, at?: number) => Promise<ResponseFrame | null>;
  readonly idOf: (group: string) => string;
  readonly done: (command: string, args: object) => Promise<unknown>;
  readonly lines: Lines;
};

/** The messengers of a world. */
export type Lines = Partial<Readonly<Record<MessengerName, Line>>>;

type Doors = {
  readonly talks: readonly Talk[];
  /** Reads which answers became known since. */
  readonly refresh: () => Promise<void>;
};

/** The interval of reads of the answers that were named as uncertain, ms. */
const namedEveryMs = 500;

/** Opens the conversations of all people with all groups; those on messengers have one group each. */
export const openDoors = (ground: Ground): Doors => {
  const { groups, people, folders, lines, idOf } = ground;
  const at = (index: number, count: number): number => Math.floor((index * folders.length) / count);
  const onSocket = (["person", "browser"] as const).flatMap((kind) => {
    const own = people.filter((id) => id.startsWith(`local:${kind}`));
    const open = kind === "person" ? openLocal : openPage;
    return groups.flatMap((group) =>
      own.map((person, index) => {
        const place = { group, person, at: at(index, own.length) };
        return open(ground, { ...place, most: mostUnanswered(kind, index) });
      }),
    );
  });
  const chats = people
    .flatMap((person) => {
      const door = messengerOf(person);
      const line = door === null ? undefined : lines[door];
      return door === null || line === undefined ? [] : [{ door, line, person }];
    })
    .map((place, index) => {
      const group = groups[index % groups.length] ?? "";
      const most = mostUnanswered("messenger", index);
      return openChat(ground, { ...place, group, groupId: idOf(group), most });
    });
  if (chats.length === 0) return { talks: onSocket, refresh: async () => {} };
  let readAt = 0;
  return {
    talks: [...onSocket, ...chats.map(({ talk }) => talk)],
    refresh: async () => {
      for (const chat of chats) chat.refresh([]);
      if (performance.now() - readAt < namedEveryMs) return;
      const named = await readIn({ dataDir: folders[0] ?? "", database: ground.database }, namedIn);
      for (const chat of chats) chat.refresh(named);
      readAt = performance.now();
    },
  };
};

/** Sends texts one after the other, while fewer than `most` are unanswered. */
const paced = (most: number, send: (id: string, text: string) => void, idOf: (text: string) => string) => {
  const [sent, unanswered] = [new Map<string, string>(), new Set<string>()];
  const said: string[] = [];
  const sendNext = (): void => {
    while (unanswered.size < most && sent.size < said.length) {
      const text = said[sent.size] ?? "";
      const id = idOf(text);
      sent.set(id, text);
      unanswered.add(id);
      send(id, text);
    }
  };
  return {
    sent,
    said,
    say: (text: string): void => {
      said.push(text);
      sendNext();
    },
    answered: () => sent.size - unanswered.size,
    wasAnswered: (id: string): void => void (unanswered.delete(id) && sendNext()),
  };
};

/** The most messages without an answer in a conversation of this number: every second person waits for each answer. */
const mostUnanswered = (kind: "person" | "browser" | "messenger", index: number): number =>
  index % 2 === 1 ? 1 : { person: 20, browser: 5, messenger: 6 }[kind];

/** The time to wait for the next host, ms. */
const reconnectMs = 120_000;

type Socketed = {
  readonly group: string;
  readonly person: string;
  readonly at: number;
  /** The most messages without an answer. */
  readonly most: number;
};
type Post = (id: string, text: string) => void;

/** Opens a conversation on the socket of `gatehouse chat`. It continues after each host; throws if it ends before the test. */
const openLocal = ({ folders }: Ground, { group, person, at, most }: Socketed, post?: Post): Talk => {
  const texts = paced(most, post ?? ((id, text) => link.say({ type: "message", id, text })), () =>
    randomUUID(),
  );
  const [shown, cards]: [string[], Card[]] = [[], []];
  let isOver = false;
  const { promise: ready, resolve: welcome } = promised();
  const link = chatLink({
    socketPath: join(folders[at] ?? "", "chat.sock"),
    group,
    as: person,
    reconnectMs,
    events: {
      welcome,
      taken: () => {},
      lost: () => {},
      refused: ({ code, message }) => {
        throw new Error(`${person} to ${group}: ${code}: ${message}`);
      },
      message: (message) => {
        shown.push(message.text);
        if (message.card !== undefined) cards.push(message.card);
        if (message.inReplyTo !== null && !saysKept(message)) texts.wasAnswered(message.inReplyTo);
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
    ...texts,
    door: post === undefined ? "local" : "console",
    group,
    person,
    ready,
    shown: () => shown,
    cards,
    answer: ({ id: cardId, digest: seen }, option) =>
      link.say({ type: "answer", id: randomUUID(), cardId, option, seen }),
  };
};

const promised = () => {
  let resolve = (): void => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve: () => resolve() };
};

/** Opens a conversation on a page of the console. Its answers are read from the person's socket. */
const openPage = (ground: Ground, place: Socketed): Talk => {
  const { group, person, at } = place;
  const path = `/talk/${group}`;
  type SignedIn = { readonly address: string; readonly cookie: string; readonly form: string };
  let signedIn: SignedIn | null = null;
  const signal = untilOver();
  const signIn = async (): Promise<SignedIn | null> => {
    const invited = await ground.ask("console-invite", { user: person }, at);
    if (invited?.ok !== true) return null;
    const { address, code } = invited.data as { readonly address: string; readonly code: string };
    const posted = await sendForm(address, "/sign-in", { code }, { signal });
    const cookie = posted.headers.getSetCookie()[0]?.split(";", 1)[0] ?? "";
    const page = await fetch(`${address}${path}`, { headers: { cookie }, signal });
    const form = /name="form" value="([^"]*)"/.exec(await page.text())?.[1];
    return form === undefined ? null : { address, cookie, form };
  };
  /** True once the host has acknowledged the message. */
  const isTaken = async (id: string, text: string): Promise<boolean> => {
    try {
      signedIn ??= await signIn();
      if (signedIn === null) return false;
      const { address, ...own } = signedIn;
      const answer = await sendForm(address, path, { form: own.form, id, text }, { ...own, signal });
      if (answer.headers.get("location")?.includes(`sent=${id}`) === true) return true;
    } catch (error) {
      // The host was killed, which fetch tells as an error of this type.
      if (!(error instanceof TypeError) && !signal.aborted) throw error;
    }
    signedIn = null;
    return false;
  };
  let turn = Promise.resolve();
  // A form without an answer is sent again, with the same id.
  return openLocal(ground, place, (id, text) => {
    turn = turn.then(async () => {
      while (!signal.aborted && !(await isTaken(id, text))) await pause(100);
    });
  });
};

/** Aborts at the end of the test. */
export const untilOver = (): AbortSignal => {
  const over = new AbortController();
  onTestFinished(() => over.abort());
  return over.signal;
};

const sendForm = (
  address: string,
  path: string,
  fields: Readonly<Record<string, string>>,
  { cookie = "", signal }: { readonly cookie?: string; readonly signal: AbortSignal },
): Promise<Response> =>
  fetch(`${address}${path}`, {
    method: "POST",
    headers: { origin: address, cookie },
    body: new URLSearchParams(fields),
    redirect: "manual",
    signal,
  });

type Messaged = {
  readonly door: MessengerName;
  readonly line: Line;
  readonly group: string;
  readonly person: string;
  readonly groupId: string;
  readonly most: number;
};

/** Opens a chat with the bot of a messenger. Its messages need different texts: an answer repeats one. */
const openChat = ({ done }: Ground, { door, line, group, person, groupId, most }: Messaged) => {
  const shown = (): readonly string[] => line.shown(person);
  const texts = paced(
    most,
    (_, text) => line.say(person, text),
    (text) => text,
  );
  const talk: Talk = {
    ...texts,
    door,
    group,
    person,
    ready: line.begin(person, groupId, done),
    shown,
    cards: [],
    answer: () => expect.fail("People on messengers answer no cards here."),
  };
  return {
    talk,
    refresh: (named: readonly string[]): void => {
      for (const text of [...shown().flatMap(answerIn), ...named]) texts.wasAnswered(text);
    },
  };
};
