import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ChatKey } from "./updates.ts";

/**
 * Gives a chat its new platform id, as when a group becomes a supergroup. Its wirings, sessions and destinations stay, because
 * they name the chat's row. Messages that wait for the chat go to the new id. False if the new chat has a row of its own: a person
 * may have wired it meanwhile, and then both stay as they are.
 */
export const moveChat = (
  db: Kysely<CentralTables>,
  { type, bot, chat }: ChatKey,
  to: string,
): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const there = await transaction
      .selectFrom("messaging_groups")
      .select("id")
      .where("channel_type", "=", type)
      .where("platform_id", "=", to)
      .where("instance", "=", bot)
      .executeTakeFirst();
    if (there !== undefined) return false;
    await transaction
      .updateTable("messaging_groups")
      .set({ platform_id: to })
      .where("channel_type", "=", type)
      .where("platform_id", "=", chat)
      .where("instance", "=", bot)
      .execute();
    await transaction
      .updateTable("messenger_sends")
      .set({ chat: to })
      .where("type", "=", type)
      .where("bot", "=", bot)
      .where("chat", "=", chat)
      .where("state", "in", ["waiting", "failed"])
      .execute();
    return true;
  });
