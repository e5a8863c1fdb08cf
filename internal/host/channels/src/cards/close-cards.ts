import type { Kysely } from "kysely";
import type { CentralTables } from "@gatehouse/central-database";
import { notDone, type CardsOptions } from "./cards-options.ts";
import { outcomeText } from "@gatehouse/approvals";
import { cardMessageId, hostMessage } from "./host-message.ts";
import { channelOf } from "./offer-cards.ts";

type Database = Kysely<CentralTables>;

/** Cards that are read at once. */
const batch = 100;

const answered = (db: Database, after: number) =>
  db
    .selectFrom("approval_cards")
    .innerJoin("pending_approvals", "pending_approvals.approval_id", "approval_cards.approval_id")
    .select(["approval_cards.approval_id", "approval_cards.user_id", "approval_cards.channel_type"])
    .select(["approval_cards.platform_id", "instance", "thread_id"])
    .leftJoin("refused_people", "refused_people.user_id", "approval_cards.user_id")
    .select("refused_people.user_id as refused")
    .select(["command", "status", "answered_by", "result"])
    .where("closed_at", "is", null)
    .where("status", "!=", "pending")
    .orderBy("approval_cards.approval_id")
    .orderBy("approval_cards.user_id")
    .limit(batch)
    .offset(after);

/**
 * Tells everyone who was asked the outcome, once. A chat that cannot be reached now is told later. People who have blocked
 * the bot or have left users.yaml are not told.
 */
export const closeCards = async (options: CardsOptions): Promise<void> => {
  // Cards of chats that cannot be reached stay at the front, and must not hide those behind them.
  for (let left = 0; ;) {
    const cards = await answered(options.db, left).execute();
    // At the same time: a person whose channel answers slowly delays no other.
    const closed = await Promise.all(cards.map((card) => closeCard(options, card).catch(notDone(options))));
    left += closed.filter((isClosed) => !isClosed).length;
    if (cards.length < batch) return;
  }
};

type AnsweredCard = Awaited<ReturnType<ReturnType<typeof answered>["execute"]>>[number];

/** Returns whether the person needs no further word of it. */
const closeCard = async ({ db, channels, now }: CardsOptions, card: AnsweredCard): Promise<boolean> => {
  const { approval_id, user_id, channel_type, platform_id: platformId, instance, thread_id: threadId } = card;
  const inReplyTo = cardMessageId(approval_id, user_id);
  const channel = card.refused === null ? channelOf(channels, { channelType: channel_type }) : undefined;
  const sent = await channel?.send(
    hostMessage(
      { platformId, instance, threadId },
      { id: `closed-${inReplyTo}`, text: outcomeText(card), inReplyTo },
    ),
  );
  if (sent?.ok === false && sent.error.code === "not-reachable") return false;
  await db
    .updateTable("approval_cards")
    .set({ closed_at: now() })
    .where("approval_id", "=", approval_id)
    .where("user_id", "=", user_id)
    .execute();
  return true;
};
