import { randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { chatLink, type ShownMessage } from "@gatehouse/channels/client";
import { messengerBots, startCode } from "@gatehouse/data-folder";
import { telegramStandin, type TelegramStandin } from "@gatehouse/messengers/testing";
import type { PostgresAddress } from "@gatehouse/postgres";
import type { ResponseFrame } from "@nc/cli-scope";
import { expect, onTestFinished, vi } from "vitest";
import { answerIn, namedIn, readIn, saysKept } from "./rows.fixture.ts";

/** The ways by which people reach their agents: `gatehouse chat`, a page of the console, Telegram. */
export type DoorName = "local" | "console" | "telegram";

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
  /** The sent messages by their id; on Telegram by their text. */
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
  readonly telegram: Telegram | null;
};

type Doors = {
  readonly talks: readonly Talk[];
  /** Reads which answers became known since. */
  readonly refresh: () => Promise<void>;
};

/** The interval of reads of the answers that were named as uncertain, ms. */
const namedEveryMs = 500;

/** Opens the conversations of all people with all groups; those on Telegram have one group each. */
export const openDoors = (ground: Ground): Doors => {
  const { groups, people, folders, telegram, idOf } = ground;
  const at = (index: number, count: number): number => Math.floor((index * folders.length) / count);
  const onSocket = (["person", "browser"] as const).flatMap((kind) => {
    const own = people.filter((id) => id.startsWith(`local:${kind}`));
    const open = kind === "person" ? openLocal : openPage;
    return groups.flatMap((group) =>
      own.map((person, index) => open(ground, { group, person, at: at(index, own.length) })),
    );
  });
  if (telegram === null) return { talks: onSocket, refresh: async () => {} };
  const chats = people
    .filter((id) => id.startsWith("telegram:"))
    .map((person, index) => {
      const group = groups[index % groups.length] ?? "";
      return openChat(telegram, { group, person, groupId: idOf(group) });
    });
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

/** The most messages of a conversation without an answer. */
const mostUnanswered = { local: 20, console: 5, telegram: 6 };

/** The time to wait for the next host, ms. */
const reconnectMs = 120_000;

type Socketed = { readonly group: string; readonly person: string; readonly at: number };
type Post = (id: string, text: string) => void;

/** Opens a conversation on the socket of `gatehouse chat`. It continues after each host; throws if it ends before the test. */
const openLocal = ({ folders }: Ground, { group, person, at }: Socketed, post?: Post): Talk => {
  const texts = paced(
    mostUnanswered[post === undefined ? "local" : "console"],
    post ?? ((id, text) => link.say({ type: "message", id, text })),
    () => randomUUID(),
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

/** A stand-in of Telegram, and a bot there. */
export type Telegram = { readonly api: TelegramStandin; readonly bot: Parameters<typeof startCode>[0] };

/** Starts a stand-in of Telegram, and adds its bot to each data folder. */
export const addBot = async (folders: readonly string[]): Promise<Telegram> => {
  const api = await telegramStandin();
  onTestFinished(api.close);
  const bot = { type: "telegram", bot: "", username: api.username, token: api.token };
  for (const folder of folders) {
    mkdirSync(folder, { recursive: true, mode: 0o711 });
    await messengerBots.set(folder, bot);
  }
  return { api, bot };
};

/** The texts of the bot in a chat. */
export const shownIn = (api: TelegramStandin, person: string): readonly string[] =>
  api.seen(chatOf(person)).flatMap(({ from, plain }) => (from.is_bot && plain !== undefined ? [plain] : []));

const chatOf = (person: string): number => Number(person.replace("telegram:", ""));

type Messaged = { readonly group: string; readonly person: string; readonly groupId: string };

/** Opens a chat with the bot, by the link of a person. Its messages need different texts: an answer repeats one. */
const openChat = ({ api, bot }: Telegram, { group, person, groupId }: Messaged) => {
  const chat = chatOf(person);
  const code = startCode(bot, { userId: person, groupId, now: new Date().toISOString() });
  api.say({ chat, text: `/start ${code}` });
  const shown = (): readonly string[] => shownIn(api, person);
  const texts = paced(
    mostUnanswered.telegram,
    (_, text) => void api.say({ chat, text }),
    (text) => text,
  );
  const talk: Talk = {
    ...texts,
    door: "telegram",
    group,
    person,
    ready: vi.waitFor(() => expect(shown()).not.toEqual([])),
    shown,
    cards: [],
    answer: () => expect.fail("People on Telegram answer no cards here."),
  };
  return {
    talk,
    refresh: (named: readonly string[]): void => {
      for (const text of [...shown().flatMap(answerIn), ...named]) texts.wasAnswered(text);
    },
  };
};
