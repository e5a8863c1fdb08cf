import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ChatKey } from "./updates.ts";

/**
 * Gives a chat its new platform id, as when a group becomes a supergroup. Its wirings, sessions and destinations stay, because
 * they name the chat's row. Messages that wait for the chat go to the new id. False if the new chat has a row of its own: a person
 * may have wired it meanwhile, and then both stay as they are. Idempotent: an update and a send may both tell of the move.
 */
export const moveChat = (
  db: Kysely<CentralTables>,
  { type, bot, chat }: ChatKey,
  to: string,
): Promise<boolean> =>
  db.transaction().execute(async (transaction) => {
    const rowOf = (platformId: string) =>
      transaction
        .selectFrom("messaging_groups")
        .select("id")
        .where("channel_type", "=", type)
        .where("platform_id", "=", platformId)
        .where("instance", "=", bot)
        .executeTakeFirst();
    const [from, there] = [await rowOf(chat), await rowOf(to)];
    if (from !== undefined && there !== undefined) return false;
    if (from !== undefined)
      await transaction
        .updateTable("messaging_groups")
        .set({ platform_id: to })
        .where("id", "=", from.id)
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
