import { noteOwners } from "@gatehouse/central-database";
import type { ChatKey } from "./inbox/poll-lease.ts";
import { noteLost } from "./inbox/updates.ts";
import type { MessengerHost } from "./used-bot.ts";

/** Notes that a bot may no longer write in a chat, and tells the owners once. */
export const tellLost = async (
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
export const tellMuted = async (
  { messages: db, now, log }: MessengerHost,
  { type, bot, chat }: ChatKey,
  why: string,
): Promise<void> => {
  log("chat-muted", { channel: type, chat, reason: why });
  const text = `An answer was not delivered to the ${type} chat ${chat}: the bot may not write there. Give it the right to send messages.`;
  const id = `muted-${type}-${bot}-${chat}-${now().slice(0, 10)}`;
  await noteOwners(db, [{ id, text, created_at: now() }]);
};
