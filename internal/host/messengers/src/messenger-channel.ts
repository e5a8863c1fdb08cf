import { isDeepStrictEqual } from "node:util";
import type { Channel, ChannelHost, DirectChat } from "@gatehouse/channels";
import { isAnswerToCard } from "@gatehouse/channels/client";
import type { MessengerBot } from "@gatehouse/data-folder";
import { fail, ok } from "@gatehouse/std";
import { noteOwners } from "@gatehouse/central-database";
import { answerFrom } from "./inbox/answer-from.ts";
import { beginChat } from "./inbox/begin-chat.ts";
import { handOver, type HandOver } from "./inbox/hand-over.ts";
import { moveChat } from "./inbox/move-chat.ts";
import type { ChatKey } from "./inbox/poll-lease.ts";
import { receiveUpdates } from "./inbox/receive-updates.ts";
import {
  chatsAnswered,
  chatsOf,
  chatsWaiting,
  claimUpdates,
  forgetUpdates,
  groupsOf,
  heardAt,
  holdUpdates,
  mayWriteIn,
  noteLost,
} from "./inbox/updates.ts";
import type { Connection, Messenger } from "./messenger.ts";
import { outbox } from "./outbox/outbox.ts";
import { forgetSends } from "./outbox/sends.ts";

/** The parts of a host that the channel of a messenger needs. */
export type MessengerHost = Omit<ChannelHost, "dataDir">;

export type MessengerOptions = {
  /** The address of the platform; only tests have another one. */
  readonly root?: string | undefined;
  /** First wait after a failure, ms; doubled each time. */
  readonly retryMs?: number;
};

/** The channel of a messenger. It has no bot before the first `use`. */
export type MessengerChannel = Channel & {
  /**
   * The bots from now on. Resolves when one that is gone hands over nothing any more. A bot with other secrets is another
   * bot.
   */
  readonly use: (bots: readonly MessengerBot[]) => Promise<void>;
};

const notForAgent =
  "This was not sent to the agent: it begins as an answer to a card does. Press a button of the card, or reply to it. A message to the agent begins with another word.";

/** Interval of the deletion of old rows, ms. */
const forgetMs = 86_400_000;

type Receive = Parameters<Channel["start"]>[0];

/** A bot that the channel uses. */
type UsedBot = {
  readonly bot: MessengerBot;
  readonly connection: Connection;
  readonly start: (receive: Receive) => void;
  /** The ids of all parts of a message that is being handed over. */
  readonly idsOf: HandOver["idsOf"];
  readonly answered: HandOver["answered"];
  /** Receives nothing more. Resolves when no message of it is handed over. */
  readonly close: () => Promise<void>;
};

/**
 * The channel of a messenger. All updates and messages are rows of the central database, so that a killed host loses none and
 * sends none twice.
 */
export const messengerChannel = (
  messenger: Messenger,
  host: MessengerHost,
  { root, retryMs = 1_000 }: MessengerOptions = {},
): MessengerChannel => {
  const { type } = messenger;
  const { messages: db, owner, now, log, report } = host;
  const used = new Map<string, UsedBot>();
  const connectionOf = (bot: string): Connection | undefined => used.get(bot)?.connection;
  const lost = (key: ChatKey, why: string): Promise<void> => tellLost(host, key, why);
  const moved = (key: ChatKey, to: string): Promise<void> =>
    host.db.transaction().execute((transaction) => moveChat(transaction, key, { to, now: now() }));
  const isAlone = !host.isShared;
  const muted = (key: ChatKey, why: string): Promise<void> => tellMuted(host, key, why);
  const out = outbox({ type, connectionOf, db, now, isAlone, lost, muted, moved, log, retryMs });
  /** By chat, the bot through which its last message came. */
  const lastBots = new Map<string, string>();
  let receiving: Receive | null = null;
  let timer: NodeJS.Timeout | undefined;

  /** The chats of a person with the bots that they have and this host uses. */
  const chatsWith = async (userId: string): Promise<readonly DirectChat[]> => {
    const chats: DirectChat[] = [];
    for (const [instance, { connection }] of [...used].toSorted(([one], [other]) => (one < other ? -1 : 1))) {
      const platformId = await connection.directChatOf(userId);
      if (platformId === null) continue;
      const isOpen = await mayWriteIn(db, { type, bot: instance, chat: platformId });
      if (isOpen ?? messenger.beginsChats) chats.push({ platformId, instance });
    }
    return chats;
  };
  const idsOf = (id: string): readonly string[] => {
    const ids = [...used.values()].flatMap((one) => one.idsOf(id) ?? []);
    return ids.length === 0 ? [id] : ids;
  };
  const forget = async (): Promise<void> => {
    await forgetUpdates(db, type, now());
    await forgetSends(db, type, now());
  };
  const opened = (bot: MessengerBot): UsedBot => {
    const closing = new AbortController();
    const { signal } = closing;
    const key = { type, bot: bot.bot };
    const connection = messenger.connect(bot, {
      signal,
      heardAt: () => heardAt(db, key),
      chats: async () => [...(await chatsOf(db, key)), ...(await groupsOf(host.db, key))],
      log: (event, reason) => log(event, { channel: type, bot: bot.bot, reason }),
      report,
      retryMs,
      ...(root === undefined ? {} : { root }),
    });
    const begun: Promise<unknown>[] = [];
    let handing: HandOver | null = null;
    const start = (receive: Receive): void => {
      const hand = handOver({
        key,
        connection,
        db,
        now,
        sentAtOnce: messenger.sentAtOnce,
        retryMs,
        log,
        report,
        receive: (message) => {
          lastBots.set(message.platformId, bot.bot);
          return receive(message);
        },
        answerOf: (read) => answerFrom({ db, key, connection, ask: out.ask }, read),
        lost: (chat, why) => lost({ ...key, chat }, why),
        ownAnswer: async (read) =>
          read.about === null && isAnswerToCard(read.message.text)
            ? notForAgent
            : beginChat({ db: host.db, now, id: host.id, bot }, read),
        tell: async ({ id, platformId, instance, threadId }, how, text) => {
          const to = { platformId, instance, threadId, inReplyTo: id, from: null };
          await out.send({ ...to, id: `${how}-${id}`, text, ...(how === "failed" ? { failed: true } : {}) });
        },
      });
      handing = hand;
      const received = receiveUpdates(
        {
          key,
          connection,
          db,
          now,
          owner,
          isAlone,
          ifSilent: messenger.setUp.ifSilent,
          retryMs,
          log,
          report,
          leased: async () => {
            for (const chat of await chatsWaiting(db, key)) hand.nudge(chat);
          },
          hand,
          stored: (chats, isNew) => {
            for (const chat of chats) hand.nudge(chat);
            if (isNew) host.connected();
          },
        },
        signal,
      );
      begun.push(received.catch(report).then(hand.close));
    };
    return {
      bot,
      connection,
      start,
      idsOf: (id) => handing?.idsOf(id),
      answered: (chat) => handing?.answered(chat),
      close: async () => {
        closing.abort();
        await Promise.all(begun);
      },
    };
  };
  return {
    type,
    use: async (bots) => {
      const gone = [...used.values()].filter(({ bot }) => !bots.some((one) => isDeepStrictEqual(one, bot)));
      for (const { bot } of gone) used.delete(bot.bot);
      if (gone.length > 0) await Promise.all(gone.map(({ close }) => close()));
      const added = bots.filter(({ bot }) => !used.has(bot));
      for (const bot of added) {
        const one = opened(bot);
        used.set(bot.bot, one);
        if (receiving !== null) one.start(receiving);
      }
      // Cards may wait for the chats of a bot that was there before, and go to another bot than one that is gone.
      if (added.length + gone.length > 0 && receiving !== null) host.connected();
    },
    start: async (receive) => {
      receiving = receive;
      await forget();
      timer = setInterval(() => void forget().catch(report), forgetMs);
      timer.unref();
      for (const { start } of used.values()) start(receive);
    },
    send: out.send,
    writing: ({ platformId, threadId, waits }) => {
      const connection = connectionOf(lastBots.get(platformId) ?? "");
      if (waits !== true && connection?.isChat(platformId) === true) connection.writing(platformId, threadId);
    },
    ended: async ({ id: inReplyTo, failure, ordered, ...to }) => {
      if (failure === null || ordered === true) return;
      const told = { ...to, id: `ended-${inReplyTo}`, text: failure, inReplyTo, from: null };
      const sent = await out.send({ ...told, failed: true });
      if (!sent.ok) log("not-told", { channel: type, id: inReplyTo, reason: sent.error.message });
    },
    claim: (transaction, id) => claimUpdates(transaction, idsOf(id), now()),
    hold: (transaction, { id, userId }, awaited) =>
      holdUpdates(transaction, { id, userId, ids: idsOf(id) }, awaited),
    questionsAnswered: async () => {
      for (const { bot, chat } of await chatsAnswered(db, type, owner)) used.get(bot)?.answered(chat);
    },
    directChat: async (userId) => {
      const [chat] = await chatsWith(userId);
      return chat === undefined
        ? fail({ code: "no-such-chat", message: `${userId} has not written to a bot of this host yet.` })
        : ok(chat);
    },
    anotherBot: async (userId, instance) => {
      const chats = await chatsWith(userId);
      return chats.some((chat) => chat.instance === instance) ? null : (chats[0] ?? null);
    },
    close: async () => {
      clearInterval(timer);
      out.hurry();
      await Promise.all([...used.values()].map(({ close }) => close()));
      await out.close();
    },
  };
};

/** Notes that a bot may no longer write in a chat, and tells the owners once. */
const tellLost = async (
  { messages: db, now, log }: MessengerHost,
  key: ChatKey,
  why: string,
): Promise<void> => {
  if (!(await noteLost(db, key, now()))) return;
  log("chat-lost", { channel: key.type, chat: key.chat, reason: why });
  const text = `The ${key.type} chat ${key.chat} has blocked or removed the bot, so nothing is sent there.`;
  const id = `lost-${key.type}-${key.bot}-${key.chat}-${now()}`;
  await noteOwners(db, [{ id, text, created_at: now() }]);
};

/** Tells the owners, once a day for a chat, that the bot may not write in it: who waits there reads nothing. */
const tellMuted = async (
  { messages: db, now, log }: MessengerHost,
  { type, bot, chat }: ChatKey,
  why: string,
): Promise<void> => {
  log("chat-muted", { channel: type, chat, reason: why });
  const text = `An answer was not delivered to the ${type} chat ${chat}: the bot may not write there. Give it the right to send messages.`;
  const id = `muted-${type}-${bot}-${chat}-${now().slice(0, 10)}`;
  await noteOwners(db, [{ id, text, created_at: now() }]);
};
