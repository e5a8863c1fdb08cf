import { sql, type Kysely, type Selectable } from "kysely";
import type { Awaited, Hold } from "@gatehouse/approvals";
import { waitsForNobody, type CentralTables } from "@gatehouse/central-database";
import { type WaitingCount, withFence } from "@gatehouse/session-rows";
import type { Connection, KeptUpdate } from "../messenger.ts";
import { moveChat } from "./move-chat.ts";
import { pollOf, type BotKey, type ChatKey } from "./poll-lease.ts";

type Database = Kysely<CentralTables>;

/** An update in the inbox. */
export type InboxUpdate = Selectable<CentralTables["messenger_updates"]>;

/** Updates of one read. */
export const batch = 20;

/**
 * Stores updates that the bot received; a known one is not stored again. Null if the lease was lost: then nothing is
 * stored, and nothing may be confirmed. Returns the chats that wait, and whether one of them is new or is back.
 */
export const storeUpdates = (
  db: Database,
  key: BotKey,
  {
    token,
    updates,
    now,
    state: { heardAt: lastHeard, trouble },
    isInHand,
  }: {
    readonly token: number;
    readonly updates: readonly KeptUpdate[];
    readonly now: string;
    readonly state: ReturnType<NonNullable<Connection["state"]>>;
    /** True while a message is being handed over. */
    readonly isInHand: (messageId: string) => boolean;
  },
): Promise<{ readonly chats: readonly string[]; readonly isNew: boolean } | null> =>
  db.transaction().execute(async (transaction) => {
    if (!(await withFence(transaction, pollOf(key), token)).ok) return null;
    const found = updates.filter(({ chat }) => chat !== "");
    for (const { updateId, messageId, chat, content } of found) {
      const update_id = updateId ?? (await nextNumber(transaction, key, messageId));
      if (update_id === null) continue;
      // A part of a message that is or was handed over meanwhile is a message of its own.
      const isLate = isInHand(messageId) || (await isRouted(transaction, messageId));
      const message_id = isLate ? `${messageId}:${update_id}` : messageId;
      await transaction
        .insertInto("messenger_updates")
        .values({ ...key, update_id, chat, message_id, content, at: now, routed_at: null })
        .onConflict((there) => there.doNothing())
        .execute();
    }
    const written = new Set(found.map(({ chat }) => chat));
    let isNew = false;
    for (const chat of written) isNew = (await noteChat(transaction, { ...key, chat }, now)) || isNew;
    const moves = found.flatMap(({ move }) => move ?? []);
    // Before any message of either chat is handed over.
    for (const { from, to } of moves) await moveChat(transaction, { ...key, chat: from }, { to, now });
    const chats = [...new Set([...written, ...moves.map(({ to }) => to)])];
    const heard = { polled_at: lastHeard, trouble, ...(updates.length > 0 ? { updated_at: now } : {}) };
    await transaction
      .insertInto("messenger_bots")
      .values({ ...key, ...heard })
      .onConflict((there) => there.columns(["type", "bot"]).doUpdateSet(heard))
      .execute();
    return { chats, isNew };
  });

/** The number of the next update of a platform that has none; null if its message was received before. */
const nextNumber = async (db: Database, { type, bot }: BotKey, messageId: string): Promise<number | null> => {
  const of = db.selectFrom("messenger_updates").where("type", "=", type).where("bot", "=", bot);
  const known = await of.select("update_id").where("message_id", "=", messageId).executeTakeFirst();
  if (known !== undefined) return null;
  const { last } = await of.select(({ fn }) => fn.max("update_id").as("last")).executeTakeFirstOrThrow();
  return Number(last ?? 0) + 1;
};

/** The last sign of life of the platform before the last stored updates of a bot; null if there was none. */
export const heardAt = async (db: Database, { type, bot }: BotKey): Promise<string | null> => {
  const rows = db.selectFrom("messenger_bots").select("polled_at");
  const row = await rows.where("type", "=", type).where("bot", "=", bot).executeTakeFirst();
  return row?.polled_at ?? null;
};

const isRouted = async (db: Database, messageId: string): Promise<boolean> => {
  const row = await db
    .selectFrom("messenger_updates")
    .select("update_id")
    .where("message_id", "=", messageId)
    .where("routed_at", "is not", null)
    .executeTakeFirst();
  return row !== undefined;
};

/** The chats from which an update of a bot was stored, unless it was lost, or to which a message was sent. */
export const chatsOf = async (db: Database, { type, bot }: BotKey): Promise<readonly string[]> => {
  const rows = await db
    .selectFrom("messenger_chats")
    .select("chat")
    .where((eb) => eb.and({ type, bot }))
    .where("lost_at", "is", null)
    .union(db.selectFrom("messenger_sends").select("chat").where("type", "=", type).where("bot", "=", bot))
    .execute();
  return rows.map(({ chat }) => chat);
};

/** The chats that people have made for a bot, with or without a group that answers there. */
export const groupsOf = async (db: Database, { type, bot }: BotKey): Promise<readonly string[]> => {
  const rows = db.selectFrom("messaging_groups").select("platform_id").where("channel_type", "=", type);
  return (await rows.where("instance", "=", bot).execute()).map(({ platform_id: chat }) => chat);
};

/** Notes that a chat has written. True for a new chat, and for one that was lost. */
const noteChat = async (db: Database, key: ChatKey, now: string): Promise<boolean> => {
  const { numInsertedOrUpdatedRows } = await db
    .insertInto("messenger_chats")
    .values({ ...key, seen_at: now, lost_at: null, linked_at: null })
    .onConflict((there) =>
      there
        .columns(["type", "bot", "chat"])
        .doUpdateSet({ seen_at: now, lost_at: null })
        .where("messenger_chats.lost_at", "is not", null),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows !== undefined && numInsertedOrUpdatedRows > 0n;
};

/** Notes that the bot may no longer write in a chat. True the first time. */
export const noteLost = async (db: Database, { type, bot, chat }: ChatKey, now: string): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable("messenger_chats")
    .set({ lost_at: now })
    .where((eb) => eb.and({ type, bot, chat }))
    .where("lost_at", "is", null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

/** True if the bot may write in a chat, false if the chat has put it out; null for a chat of which it has heard nothing. */
export const mayWriteIn = async (db: Database, { type, bot, chat }: ChatKey): Promise<boolean | null> => {
  const row = await db
    .selectFrom("messenger_chats")
    .select("lost_at")
    .where((eb) => eb.and({ type, bot, chat }))
    .executeTakeFirst();
  return row === undefined ? null : row.lost_at === null;
};

const waiting = (db: Database, { type, bot }: BotKey) =>
  db
    .selectFrom("messenger_updates")
    .where((eb) => eb.and({ type, bot }))
    .where("routed_at", "is", null)
    .where(waitsForNobody);

/** The chats with updates that no host has routed. */
export const chatsWaiting = async (db: Database, key: BotKey): Promise<readonly string[]> => {
  const rows = await waiting(db, key).select("chat").distinct().execute();
  return rows.map(({ chat }) => chat);
};

/** The chats with updates whose question has an answer, or is gone, of the bots whose updates this host receives. */
export const chatsAnswered = (
  db: Database,
  type: string,
  owner: string,
): Promise<readonly Pick<ChatKey, "bot" | "chat">[]> =>
  db
    .selectFrom("messenger_updates as update")
    .innerJoin("leases", (join) =>
      join.on("name", "=", sql<string>`${pollOf({ type, bot: "" })} || ${sql.ref("update.bot")}`),
    )
    .select(["bot", "chat"])
    .distinct()
    .where("type", "=", type)
    .where("owner", "=", owner)
    .where("waits_for", "is not", null)
    .where(waitsForNobody)
    .execute();

/** How many of them there are, and when the oldest was received. */
export const waitingUpdates = async (db: Database, key: BotKey): Promise<WaitingCount> => {
  const row = await waiting(db, key)
    .select(({ fn }) => [fn.countAll().as("count"), fn.min("at").as("oldest")])
    .executeTakeFirst();
  return { count: Number(row?.count ?? 0), oldest: row?.oldest ?? null };
};

/** The next of them in a chat, in order, with all parts of an album. */
export const nextUpdates = async (
  db: Database,
  { chat, ...key }: ChatKey,
): Promise<readonly InboxUpdate[]> => {
  const inChat = waiting(db, key).selectAll().where("chat", "=", chat).orderBy("update_id");
  const next = await inChat.limit(batch).execute();
  const last = next.at(-1);
  if (last === undefined || next.length < batch) return next;
  const ids = next.map(({ message_id }) => message_id);
  const rest = inChat.where("update_id", ">", last.update_id).where("message_id", "in", ids);
  return [...next, ...(await rest.execute())];
};

/** The chat of an update now: it may have moved since it was read. */
export const chatOf = async (
  db: Database,
  { type, bot, update_id, chat }: Pick<InboxUpdate, "type" | "bot" | "update_id" | "chat">,
): Promise<string> => {
  const row = await db
    .selectFrom("messenger_updates")
    .select("chat")
    .where((eb) => eb.and({ type, bot, update_id }))
    .executeTakeFirst();
  return row?.chat ?? chat;
};

/**
 * Marks the updates of a message as routed, and forgets their content. False if they were routed before. With `waitsFor`, not
 * those that wait for another answer.
 */
export const claimUpdates = async (
  db: Database,
  messageIds: readonly string[],
  now: string,
  waitsFor?: string | null,
): Promise<boolean> => {
  const { numUpdatedRows } = await openUpdates(db, messageIds)
    .set({ routed_at: now, content: "", waits_for: null, user_id: null })
    .$if(waitsFor !== undefined, (updates) =>
      updates.where((eb) => eb.or([eb("waits_for", "is", null), eb("waits_for", "=", waitsFor ?? null)])),
    )
    .executeTakeFirst();
  return numUpdatedRows > 0n;
};

/** Has the updates of a message wait for an answer. From now on they have the id of the message. */
export const holdUpdates = async (
  db: Database,
  { id, userId, ids }: { readonly id: string; readonly userId: string; readonly ids: readonly string[] },
  { approvalId, most }: Awaited,
): Promise<Hold> => {
  const { others } = await db
    .selectFrom("messenger_updates")
    .select(({ fn }) => fn.count("message_id").distinct().as("others"))
    .where("waits_for", "=", approvalId)
    .where("message_id", "not in", ids)
    .executeTakeFirstOrThrow();
  if (Number(others) >= most) return "full";
  const { numUpdatedRows } = await openUpdates(db, ids)
    .set({ waits_for: approvalId, message_id: id, user_id: userId })
    .executeTakeFirst();
  return numUpdatedRows > 0n ? "held" : "claimed";
};

const openUpdates = (db: Database, messageIds: readonly string[]) =>
  db.updateTable("messenger_updates").where("message_id", "in", messageIds).where("routed_at", "is", null);

/** Time for which a routed update is kept, so that a repeated one is known, ms. Telegram itself keeps one for a day. */
const keptMs = 2 * 86_400_000;

/**
 * Deletes routed updates that no platform repeats any more. The time in which no host heard the platform does not count: after
 * it, some platforms are asked again for what was said before. Of a bot that nobody heard yet, all time counts.
 */
export const forgetUpdates = async (db: Database, type: string, now: string): Promise<void> => {
  const bots = await db
    .selectFrom("messenger_updates as kept")
    .leftJoin("messenger_bots as heard", (join) =>
      join.onRef("heard.type", "=", "kept.type").onRef("heard.bot", "=", "kept.bot"),
    )
    .select(["kept.bot", "heard.polled_at"])
    .where("kept.type", "=", type)
    .distinct()
    .execute();
  for (const { bot, polled_at: polledAt } of bots) {
    const before = new Date(Date.parse(polledAt ?? now) - keptMs).toISOString();
    await db
      .deleteFrom("messenger_updates")
      .where((eb) => eb.and({ type, bot }))
      .where("routed_at", "<", before)
      .execute();
  }
};
