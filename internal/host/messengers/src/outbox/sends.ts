import type { Kysely, Selectable } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import type { ChatKey } from "../inbox/poll-lease.ts";

type Database = Kysely<CentralTables>;

/** A part of a message in the outbox. */
export type SendRow = Selectable<CentralTables["messenger_sends"]>;

/** The parts of a message, in order; none for an unknown message. */
export const partsOfMessage = (db: Database, messageId: string): Promise<readonly SendRow[]> =>
  db.selectFrom("messenger_sends").selectAll().where("message_id", "=", messageId).orderBy("part").execute();

/** The shown parts that have the buttons of a card. */
export const shownCards = async (
  db: Database,
  { type, bot, chat }: ChatKey,
  cardId: string,
): Promise<readonly SendRow[]> =>
  db
    .selectFrom("messenger_sends")
    .selectAll()
    .where((eb) => eb.and({ type, bot, chat, card_id: cardId }))
    .orderBy("at")
    .orderBy("message_id")
    .execute();

/** The part of a chat that is this message on the platform; null if it is none of the outbox. */
export const shownAs = async (
  db: Database,
  { type, bot, chat }: ChatKey,
  platformMessageId: string,
): Promise<SendRow | null> =>
  (await db
    .selectFrom("messenger_sends")
    .selectAll()
    .where((eb) => eb.and({ type, bot, chat, platform_message_id: platformMessageId }))
    .where("card", "is not", null)
    .executeTakeFirst()) ?? null;

/** Notes that a part is sent now. False if its state has changed since it was read. */
export const beginSend = async (
  db: Database,
  { message_id, part, state }: Pick<SendRow, "message_id" | "part" | "state">,
  now: string,
): Promise<boolean> => {
  const { numUpdatedRows } = await db
    .updateTable("messenger_sends")
    .set({ state: "sending", at: now })
    .where((eb) => eb.and({ message_id, part, state }))
    .executeTakeFirst();
  return numUpdatedRows === 1n;
};

/** Writes the state of a part, and other columns with it. */
export const setSend = async (
  db: Database,
  { message_id, part }: Pick<SendRow, "message_id" | "part">,
  to: Partial<Pick<SendRow, "state" | "platform_message_id" | "content">>,
): Promise<void> => {
  await db
    .updateTable("messenger_sends")
    .set(to)
    .where((eb) => eb.and({ message_id, part }))
    .execute();
};

/** Time for which a message is known, so that it is not sent again, ms. */
const keptMs = 90 * 86_400_000;

/** Deletes the parts of old messages. */
export const forgetSends = async (db: Database, type: string, now: string): Promise<void> => {
  const before = new Date(Date.parse(now) - keptMs).toISOString();
  await db.deleteFrom("messenger_sends").where("type", "=", type).where("at", "<", before).execute();
};
