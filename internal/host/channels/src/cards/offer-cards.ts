import type { Kysely } from "kysely";
import { type Approver, approversOf, cardOf, textOfCard } from "@gatehouse/approvals";
import { openDirectChat } from "@gatehouse/group-setup";
import type { CentralTables } from "@gatehouse/central-database";
import type { Card } from "@gatehouse/std";
import type { Channel } from "../channel.ts";
import { cardMessageId, hostMessage, type Approval } from "./host-message.ts";
import { notDone, type CardsOptions } from "./cards-options.ts";

type Database = Kysely<CentralTables>;

/** How many people have the card of an approval, and how many approvers have none. */
export type Offered = { readonly asked: number; readonly missed: number };

/** Sends an approval to every approver who has no card of it yet. */
export const offerCards = async (options: CardsOptions, approval: Approval): Promise<Offered> => {
  await openChats(options);
  const offered = await offerOnce(options, approval);
  // A refusal may tell that a person has left a bot. Then they are asked at another one.
  const isMoved = offered.missed > 0 && (await openChats(options));
  return isMoved ? offerOnce(options, approval) : offered;
};

const offerOnce = async (options: CardsOptions, approval: Approval): Promise<Offered> => {
  const { db, commands } = options;
  const approvers = await approversOf(db, approval, commands());
  const card = await cardOf(db, approval);
  const known = await peopleAsked(db, approval.approval_id);
  const unasked = approvers.filter(({ userId }) => !known.has(userId));
  // At the same time: a person whose channel answers slowly delays no other.
  const sent = await Promise.all(
    unasked.map((one) => offerCard(options, approval, card, one).catch(notDone(options))),
  );
  const missed = sent.filter((isSent) => !isSent).length;
  return { asked: approvers.length - missed, missed };
};

/** Returns whether the person has the card now. */
const offerCard = async (
  options: CardsOptions,
  approval: Approval,
  card: Card,
  one: Approver,
): Promise<boolean> => {
  const id = cardMessageId(approval.approval_id, one.userId);
  const message = hostMessage(one, { id, text: textOfCard(card), inReplyTo: null, card });
  const channel = channelOf(options.channels, one);
  const first = await channel?.send(message);
  // A second copy is answered like the first one; a card that never arrives leaves the agent waiting.
  const isUncertain = first?.ok === false && first.error.code === "uncertain";
  const sent = isUncertain ? await channel?.send({ ...message, id: `${id}-again` }) : first;
  if (sent?.ok !== true) return false;
  await note(options, approval, one, sent.value.platformMessageId);
  return true;
};

export const channelOf = (
  channels: readonly Channel[],
  { channelType }: Pick<Approver, "channelType">,
): Channel | undefined => channels.find(({ type }) => type === channelType);

/** The people who have a card of an approval. */
export const peopleAsked = async (db: Database, approvalId: string): Promise<ReadonlySet<string>> => {
  const rows = await db
    .selectFrom("approval_cards")
    .select("user_id")
    .where("approval_id", "=", approvalId)
    .execute();
  return new Set(rows.map(({ user_id }) => user_id));
};

/**
 * Noted after it was sent: if the host is killed in between, the card is sent again with the same id, and
 * shown once.
 */
const note = async (
  { db, now }: CardsOptions,
  { approval_id }: Approval,
  { userId, channelType, platformId, instance, threadId = null }: Approver,
  message_id: string | null,
): Promise<void> => {
  const where = {
    approval_id,
    user_id: userId,
    channel_type: channelType,
    platform_id: platformId,
    instance,
    thread_id: threadId,
  };
  await db
    .insertInto("approval_cards")
    .values({ ...where, message_id, sent_at: now(), closed_at: null })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
};

/**
 * Asks each person's own channel for their direct chat, once; the chat is stored in `user_dms`. A person who has left the bot of a
 * stored chat gets one with another bot. If a channel fails, its people keep what they have and the others are not delayed. Its
 * error is not reported, because it may contain an address with a token. Returns true if a stored chat has changed.
 */
export const openChats = async ({ db, channels, report, ...clock }: CardsOptions): Promise<boolean> => {
  const people = await db
    .selectFrom("user_roles")
    .leftJoin("user_dms", "user_dms.user_id", "user_roles.user_id")
    .leftJoin("messaging_groups", "messaging_groups.id", "user_dms.messaging_group_id")
    .select(["user_roles.user_id as userId", "user_dms.channel_type as channelType", "instance"])
    .distinct()
    .execute();
  let isChanged = false;
  for (const { userId, channelType, instance } of people) {
    const kind = userId.slice(0, userId.indexOf(":"));
    if (channelType !== null && channelType !== kind) continue;
    const channel = channelOf(channels, { channelType: kind });
    const chat = await channel?.directChat(userId, instance).catch(() => {
      report(new Error(`The channel ${kind} failed to open a direct chat with ${userId}.`));
      return null;
    });
    if (chat == null) continue;
    if (instance !== null) {
      isChanged = true;
      const stored = db.deleteFrom("user_dms").where("user_id", "=", userId);
      await stored.where("channel_type", "=", kind).execute();
    }
    await openDirectChat(db, clock, { userId, kind, ...chat });
  }
  return isChanged;
};
