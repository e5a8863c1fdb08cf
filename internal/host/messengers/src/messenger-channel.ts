import { isDeepStrictEqual } from "node:util";
import type { Channel, DirectChat } from "@gatehouse/channels";
import type { MessengerBot } from "@gatehouse/data-folder";
import { defined } from "@gatehouse/std";
import { handOver, type HandOver } from "./inbox/hand-over.ts";
import { receiveUpdates } from "./inbox/receive-updates.ts";
import {
  chatsAnswered,
  chatsOf,
  claimUpdates,
  forgetUpdates,
  groupsOf,
  heardAt,
  holdUpdates,
  mayWriteIn,
} from "./inbox/updates.ts";
import type { Connection, Messenger } from "./messenger.ts";
import { outbox } from "./outbox/outbox.ts";
import { forgetSends } from "./outbox/sends.ts";
import type { MessengerHost } from "./used-bot.ts";

export type MessengerOptions = {
  /** The address of the platform; only tests have another one. */
  readonly root?: string | undefined;
  /** Most time for a call that receives, ms; only tests have another one. */
  readonly callMs?: number;
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

/** Interval in which a chat is told that an agent is writing, ms: Telegram shows it for 5 s, Discord for 10 s. */
const writingMs = 4_500;

/** Interval of the deletion of old rows, ms. */
const forgetMs = 86_400_000;

type Receive = Parameters<Channel["start"]>[0];

/** A bot that the channel uses, and the handover of its messages. */
type OpenBot = {
  readonly bot: MessengerBot;
  readonly connection: Connection;
  readonly hand: HandOver;
  readonly start: () => void;
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
  { root, callMs, retryMs = 1_000 }: MessengerOptions = {},
): MessengerChannel => {
  const { type } = messenger;
  const { messages: db, owner, now, log, report } = host;
  const used = new Map<string, OpenBot>();
  const connectionOf = (bot: string): Connection | undefined => used.get(bot)?.connection;
  const out = outbox({ type, connectionOf, host, retryMs });
  /** By chat, the bot through which its last message came. */
  const lastBots = new Map<string, string>();
  /** By chat and thread, when it was last told that an agent is writing (`performance.now()`, ms). */
  const writing = new Map<string, number>();
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
    const ids = [...used.values()].flatMap(({ hand }) => hand.idsOf(id) ?? []);
    return ids.length === 0 ? [id] : ids;
  };
  const forget = async (): Promise<void> => {
    await forgetUpdates(db, type, now());
    await forgetSends(db, type, now());
  };
  const opened = (bot: MessengerBot): OpenBot => {
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
      ...defined({ root, callMs }),
    });
    const given = { host, messenger, bot, key, connection, retryMs };
    const hand = handOver({
      ...given,
      out,
      receive: async (message) => {
        if (receiving === null) throw new Error(`The channel ${type} has not been started.`);
        lastBots.set(message.platformId, bot.bot);
        await receiving(message);
      },
    });
    let received = Promise.resolve();
    return {
      bot,
      connection,
      hand,
      start: () => void (received = receiveUpdates({ ...given, hand }, signal).catch(report)),
      close: async () => {
        closing.abort();
        await received;
        await hand.close();
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
        if (receiving !== null) one.start();
      }
      // Cards may wait for the chats of a bot that was there before, and go to another bot than one that is gone.
      if (added.length + gone.length > 0 && receiving !== null) host.connected();
    },
    start: async (receive) => {
      receiving = receive;
      await forget();
      timer = setInterval(() => void forget().catch(report), forgetMs);
      timer.unref();
      for (const { start } of used.values()) start();
    },
    send: out.send,
    writing: ({ platformId, threadId, waits }) => {
      const connection = connectionOf(lastBots.get(platformId) ?? "");
      const chat = `${platformId} ${threadId ?? ""}`;
      const isShown = (writing.get(chat) ?? -Infinity) + writingMs > performance.now();
      if (waits === true || isShown || connection?.isChat(platformId) !== true) return;
      writing.set(chat, performance.now());
      connection.writing?.(platformId, threadId);
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
      for (const { bot, chat } of await chatsAnswered(db, type, owner)) used.get(bot)?.hand.answered(chat);
    },
    directChat: async (userId, stored) => {
      const chats = await chatsWith(userId);
      return chats.some(({ instance }) => instance === stored) ? null : (chats[0] ?? null);
    },
    close: async () => {
      clearInterval(timer);
      out.hurry();
      await Promise.all([...used.values()].map(({ close }) => close()));
      await out.close();
    },
  };
};
