import type { Kysely } from "kysely";
import { addIndex, addWaitsIndex } from "./add-index.ts";
import { oneOf } from "./one-of.ts";

/** The bots of messengers, their chats, the updates that they received and the messages that they send. */
export const createMessengerTables = async (db: Kysely<unknown>): Promise<void> => {
  await createBots(db);
  await createChats(db);
  await createUpdates(db);
  await createSends(db);
};

const createBots = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("messenger_bots")
    .addColumn("type", "text", (type) => type.notNull())
    .addColumn("bot", "text", (bot) => bot.notNull())
    .addColumn("polled_at", "text")
    .addColumn("updated_at", "text")
    .addColumn("trouble", "text")
    .addPrimaryKeyConstraint("messenger_bots_key", ["type", "bot"])
    .execute();

const createChats = (db: Kysely<unknown>): Promise<void> =>
  db.schema
    .createTable("messenger_chats")
    .addColumn("type", "text", (type) => type.notNull())
    .addColumn("bot", "text", (bot) => bot.notNull())
    .addColumn("chat", "text", (chat) => chat.notNull())
    .addColumn("seen_at", "text", (at) => at.notNull())
    .addColumn("lost_at", "text")
    .addColumn("linked_at", "text")
    .addPrimaryKeyConstraint("messenger_chats_key", ["type", "bot", "chat"])
    .execute();

/** `double precision` counts to 2^53; an integer of PostgreSQL has 32 bits. */
const createUpdates = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("messenger_updates")
    .addColumn("type", "text", (type) => type.notNull())
    .addColumn("bot", "text", (bot) => bot.notNull())
    .addColumn("update_id", "double precision", (id) => id.notNull())
    .addColumn("chat", "text", (chat) => chat.notNull())
    .addColumn("message_id", "text", (id) => id.notNull())
    .addColumn("content", "text", (content) => content.notNull())
    .addColumn("at", "text", (at) => at.notNull())
    .addColumn("routed_at", "text")
    .addColumn("waits_for", "text")
    .addColumn("user_id", "text")
    .addPrimaryKeyConstraint("messenger_updates_key", ["type", "bot", "update_id"])
    .execute();
  await addIndex(db, "messenger_updates", ["type", "bot", "routed_at", "chat", "update_id"]);
  await addIndex(db, "messenger_updates", ["message_id"]);
  await addWaitsIndex(db, "messenger_updates");
};

const createSends = async (db: Kysely<unknown>): Promise<void> => {
  await db.schema
    .createTable("messenger_sends")
    .addColumn("message_id", "text", (id) => id.notNull())
    .addColumn("part", "integer", (part) => part.notNull())
    .addColumn("type", "text", (type) => type.notNull())
    .addColumn("bot", "text", (bot) => bot.notNull())
    .addColumn("chat", "text", (chat) => chat.notNull())
    .addColumn("state", "text", (state) => state.notNull())
    .addColumn("content", "text", (content) => content.notNull())
    .addColumn("platform_message_id", "text")
    .addColumn("card_id", "text")
    .addColumn("card", "text")
    .addColumn("at", "text", (at) => at.notNull())
    .addPrimaryKeyConstraint("messenger_sends_key", ["message_id", "part"])
    .addCheckConstraint(
      "messenger_sends_state",
      oneOf("state", ["waiting", "sending", "sent", "uncertain", "failed"]),
    )
    .execute();
  await addIndex(db, "messenger_sends", ["type", "bot", "chat", "platform_message_id"]);
  await addIndex(db, "messenger_sends", ["type", "bot", "chat", "card_id"]);
  await addIndex(db, "messenger_sends", ["at"]);
};
