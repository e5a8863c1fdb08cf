import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { movedChat } from "@gatehouse/command-context";
import type { ChatKey } from "./poll-lease.ts";

type Database = Kysely<CentralTables>;

/**
 * Gives a chat its new platform id, as when a group becomes a supergroup. Its wirings, sessions and destinations stay, because
 * they name the chat's row. Its waiting updates are of the new chat, and messages that wait for it go there. Runs in a
 * transaction. Idempotent: two updates and a send tell of the same move.
 */
export const moveChat = async (
  transaction: Database,
  { type, bot, chat }: ChatKey,
  { to, now }: { readonly to: string; readonly now: string },
): Promise<void> => {
  await moveRow(transaction, { type, bot, chat }, { to, now });
  await transaction
    .updateTable("messenger_updates")
    .set({ chat: to })
    .where((eb) => eb.and({ type, bot, chat }))
    .where("routed_at", "is", null)
    .execute();
  await transaction
    .updateTable("messenger_sends")
    .set({ chat: to })
    .where((eb) => eb.and({ type, bot, chat }))
    .where("state", "in", ["waiting", "failed"])
    .execute();
};

/** The new chat may have a row of its own by now. If no group answers there, it gives way; else both stay as they are. */
const moveRow = async (
  transaction: Database,
  { type, bot, chat }: ChatKey,
  { to, now }: { readonly to: string; readonly now: string },
): Promise<void> => {
  const rowOf = (platformId: string) =>
    transaction
      .selectFrom("messaging_groups")
      .select("id")
      .where((eb) => eb.and({ channel_type: type, platform_id: platformId, instance: bot }))
      .executeTakeFirst();
  const [from, there] = [await rowOf(chat), await rowOf(to)];
  if (from === undefined) return;
  if (there !== undefined) {
    if (await isInUse(transaction, there.id)) return;
    await endQuestions(transaction, there.id, { to: from.id, now });
    await transaction.deleteFrom("messaging_groups").where("id", "=", there.id).execute();
  }
  await transaction
    .updateTable("messaging_groups")
    .set({ platform_id: to })
    .where("id", "=", from.id)
    .execute();
};

const isInUse = async (transaction: Database, id: string): Promise<boolean> => {
  const wired = transaction.selectFrom("messaging_group_agents").select("id");
  const talking = transaction.selectFrom("sessions").select("id");
  const found = [
    await wired.where("messaging_group_id", "=", id).executeTakeFirst(),
    await talking.where("messaging_group_id", "=", id).executeTakeFirst(),
  ];
  return found.some((row) => row !== undefined);
};

/** The question which group answers in the new chat has its answer. Its messages are routed as any other of the chat. */
const endQuestions = async (
  transaction: Database,
  from: string,
  { to, now }: { readonly to: string; readonly now: string },
): Promise<void> => {
  await transaction
    .updateTable("pending_approvals")
    .set({ status: "approved", answered_by: movedChat, answered_at: now })
    .where("messaging_group_id", "=", from)
    .where("status", "=", "pending")
    .execute();
  await transaction
    .updateTable("pending_approvals")
    .set({ messaging_group_id: to })
    .where("messaging_group_id", "=", from)
    .execute();
};
