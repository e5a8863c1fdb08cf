import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import process from "node:process";
import type { Channel, ChannelHost } from "@gatehouse/channels";
import type { MessengerBot } from "@gatehouse/data-folder";
import { fail, ok } from "@gatehouse/std";
import { noteOwners } from "@gatehouse/central-database";
import { answerFrom } from "./inbox/answer-from.ts";
import { beginChat } from "./inbox/begin-chat.ts";
import { handOver, type HandOver } from "./inbox/hand-over.ts";
import { moveChat } from "./inbox/move-chat.ts";
import { receiveUpdates } from "./inbox/receive-updates.ts";
import {
  botsInChat,
  chatsWaiting,
  claimUpdate,
  forgetUpdates,
  noteLost,
  type ChatKey,
} from "./inbox/updates.ts";
import type { Connection, Messenger } from "./messenger.ts";
import { outbox } from "./outbox/outbox.ts";
import { forgetSends } from "./outbox/sends.ts";

/** The parts of a host that the channel of a messenger needs. */
export type MessengerHost = Omit<ChannelHost, "dataDir">;

export type MessengerOptions = {
  readonly bots: readonly MessengerBot[];
  /** The address of the platform; only tests have another one. */
  readonly root?: string;
  /** First wait after a failure, ms; doubled each time. */
  readonly retryMs?: number;
};

/** Interval of the deletion of old rows, ms. */
const forgetMs = 86_400_000;

/**
 * The channel of a messenger. All updates and messages are rows of the central database, so that a killed host loses none and
 * sends none twice.
 */
export const messengerChannel = (
  messenger: Messenger,
  host: MessengerHost,
  { bots, root, retryMs = 1_000 }: MessengerOptions,
): Channel => {
  const { type } = messenger;
  const { messages: db, now, log, report } = host;
  const owner = `${hostname()}:${process.pid}:${randomUUID()}`;
  const closing = new AbortController();
  const { signal } = closing;
  const connections = new Map<string, Connection>(
    bots.map((bot) => [bot.bot, messenger.connect(bot, { signal, ...(root === undefined ? {} : { root }) })]),
  );
  const lost = (key: ChatKey, why: string): Promise<void> => tellLost(host, key, why);
  const moved = (key: ChatKey, to: string): Promise<boolean> => moveChat(host.db, key, to);
  const isAlone = !host.isShared;
  const out = outbox({ type, connections, db, now, isAlone, lost, moved, log, retryMs });
  const handing: HandOver[] = [];
  const receiving: Promise<void>[] = [];
  /** By chat, the bot through which its last message came. */
  const lastBots = new Map<string, string>();
  let timer: NodeJS.Timeout | undefined;

  const forget = async (): Promise<void> => {
    await forgetUpdates(db, type, now());
    await forgetSends(db, type, now());
  };
  const startBot = (bot: MessengerBot, receive: Parameters<Channel["start"]>[0]): void => {
    const connection = connections.get(bot.bot);
    if (connection === undefined) return;
    const key = { type, bot: bot.bot };
    const hand = handOver({
      ...{ key, connection, db, now, retryMs, report },
      receive: (message) => {
        lastBots.set(message.platformId, bot.bot);
        return receive(message);
      },
      answerOf: (read) => answerFrom({ db, key, connection, ask: out.ask }, read),
      lost: (chat, why) => lost({ ...key, chat }, why),
      moved: (chat, to) => moved({ ...key, chat }, to),
      ownAnswer: (message) => beginChat({ db: host.db, now, id: host.id, bot }, message),
      tell: async ({ id, platformId, instance, threadId }, how, text) => {
        const to = { platformId, instance, threadId, inReplyTo: id, from: null };
        await out.send({ ...to, id: `${how}-${id}`, text, ...(how === "failed" ? { failed: true } : {}) });
      },
    });
    handing.push(hand);
    const received = receiveUpdates(
      {
        ...{ key, connection, db, now, owner, isAlone, retryMs, log, report },
        leased: async () => {
          for (const chat of await chatsWaiting(db, key)) hand.nudge(chat);
        },
        stored: (chats, isNew) => {
          for (const chat of chats) hand.nudge(chat);
          if (isNew) host.connected();
        },
      },
      signal,
    );
    receiving.push(received.catch(report));
  };
  return {
    type,
    start: async (receive) => {
      await forget();
      timer = setInterval(() => void forget().catch(report), forgetMs);
      timer.unref();
      for (const bot of bots) startBot(bot, receive);
    },
    send: out.send,
    writing: ({ platformId, threadId, waits }) => {
      const connection = connections.get(lastBots.get(platformId) ?? "");
      if (waits !== true && connection?.isChat(platformId) === true) connection.writing(platformId, threadId);
    },
    claim: (transaction, id) => claimUpdate(transaction, id, now()),
    directChat: async (userId) => {
      const [first] = connections.values();
      const chat = first?.directChatOf(userId) ?? null;
      const found = chat === null ? [] : await botsInChat(db, { type, chat });
      const instance = found.find((bot) => connections.has(bot));
      return chat === null || instance === undefined
        ? fail({ code: "no-such-chat", message: `${userId} has not written to a bot of this host yet.` })
        : ok({ platformId: chat, instance });
    },
    close: async () => {
      clearInterval(timer);
      closing.abort();
      out.hurry();
      await Promise.all(receiving);
      await Promise.all(handing.map(({ close }) => close()));
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
