import type { Kysely } from "kysely";
import type { CentralTables } from "../tables.ts";

/**
 * Stores the person of a direct chat that has none yet, as the chat's channel tells it. A stored person stays, and a chat of
 * several people gets none.
 */
export const ownDirectChat = async (
  db: Kysely<CentralTables>,
  chatId: string,
  userId: string,
): Promise<void> => {
  await db
    .updateTable("messaging_groups")
    .set({ user_id: userId })
    .where("id", "=", chatId)
    .where("user_id", "is", null)
    .where("is_group", "=", 0)
    .execute();
};
