import { originOf, settle } from "@gatehouse/session-rows";
import type { Delivery, Origin, Undelivered } from "@gatehouse/session-rows/messages";
import { ok, fieldsOf, textOf } from "@gatehouse/std";
import { channelOf, fenceOf, type LoopContext } from "../context.ts";
import { outboxFiles } from "../files/outbox-files.ts";
import type { Sent } from "./outbox.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import {
  destinationsOf,
  instanceOf,
  type Place,
  placeIn,
  sessionFacts,
  senderNameOf,
  type SessionFacts,
} from "../leased/session-facts.ts";

/** Sends one message of an agent to a chat: to the session's own, or to a destination of its group. */
export const deliverToChat = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
): Promise<Sent> => {
  const { loop: db } = context.central;
  const facts = await sessionFacts(db, session.id);
  if (facts === null) return { how: "failed", reason: "the session was deleted." };
  // A message without an address goes to the session's own chat and thread.
  const named = placeIn(message.platformId === null ? facts.routing : message);
  if (named === null)
    return { how: "failed", reason: "the message names no chat, and this session has no chat." };
  // The agent chooses the id: without the check whether this session received that message it could close another person's
  // card, or end the wait for another agent's answer.
  const asked = message.inReplyTo === null ? ok(null) : await session.side.read(originOf(message.inReplyTo));
  if (!asked.ok) return { how: "later" };
  const inReplyTo = asked.value === null ? null : message.inReplyTo;
  const isThere = await isAllowed(context, facts, named);
  const address = isThere ? named : movedAddress(asked.value, { named, facts });
  const { channelType, platformId, threadId } = address ?? named;
  if (address === null)
    return { how: "failed", reason: `${platformId} on ${channelType} is not a destination of this group.` };
  const channel = channelOf(context, channelType);
  if (channel === undefined) return { how: "failed", reason: `this host has no channel "${channelType}".` };
  const files = await outboxFiles(context, session, message);
  if (files === null) return { how: "later" };
  const { attachments, leftOut } = files;
  const instance = await instanceOf(db, { channelType, platformId, preferred: facts.instance });
  const outcome: { noted?: number } = {};
  const sent = await channel.send({
    id: chatMessageId(session.id, message.id),
    platformId,
    instance: instance ?? "",
    threadId,
    text: [textOf(fieldsOf(message.content)["text"]), ...leftOut].join("\n"),
    ...(attachments.length === 0 ? {} : { attachments, senderGroupId: facts.group.id }),
    inReplyTo,
    from: senderNameOf(facts.group),
    ...(inReplyTo !== null && isFailure(message) ? { failed: true } : {}),
    // The outcome is written in the channel's transaction: one commit for both.
    noteSent: async (transaction, platformMessageId) => {
      const ended = settle([delivered(message, platformMessageId, context.now())]);
      const written = await session.side.transactIn(transaction, ended);
      if (written.ok) outcome.noted = written.value.value;
    },
    ...fenceOf(context, session),
  });
  if (!sent.ok && sent.error.code === "fenced") {
    await session.dispatch({ type: "lost", why: sent.error.message });
    return { how: "later" };
  }
  if (sent.ok) return { how: "delivered", platformMessageId: sent.value.platformMessageId, ...outcome };
  const { code, message: reason, retryAfterMs } = sent.error;
  if (code === "not-reachable" && retryAfterMs !== undefined) return { how: "later", afterMs: retryAfterMs };
  return { how: "failed", reason, ...(code === "blocked" || code === "uncertain" ? { end: code } : {}) };
};

/** The outcome of a message that a chat or an agent has got. */
export const delivered = (
  { id, inReplyTo }: Pick<Undelivered, "id" | "inReplyTo">,
  platformMessageId: string | null,
  at: string,
): Delivery => ({
  id,
  status: "delivered",
  platformMessageId,
  at,
  ...(inReplyTo === null ? {} : { answers: inReplyTo }),
});

/** The field in which the runner says why a message was not answered. */
const isFailure = ({ content }: Undelivered): boolean => fieldsOf(content)["failed"] === true;

/**
 * The id under which a chat gets an agent's message. An agent may choose any id, also that of a card's
 * outcome or of another agent's answer, and a chat keeps the first message of an id. So each session has its
 * own prefix; the host's own ids never begin with a session's prefix.
 */
export const chatMessageId = (sessionId: string, outboundId: string): string => `${sessionId}:${outboundId}`;

/**
 * The session's own chat, for an answer to a message that came from there under an id that the chat no longer has: a group of
 * Telegram gets another one when it becomes a supergroup. Null for any other message.
 */
const movedAddress = (
  asked: Origin | null,
  { named, facts: { routing } }: { readonly named: Place; readonly facts: SessionFacts },
): Place | null => {
  const { channelType, platformId, threadId } = routing;
  const isAnswer = asked?.channelType === named.channelType && asked.platformId === named.platformId;
  return isAnswer && platformId !== null && channelType === named.channelType
    ? { channelType, platformId, threadId }
    : null;
};

const isAllowed = async (
  { central }: LoopContext,
  { group, routing, chatId }: SessionFacts,
  { channelType, platformId }: Place,
): Promise<boolean> => {
  if (routing.channelType === channelType && routing.platformId === platformId) return true;
  if (chatId === null && (await isShared(central.loop, group.id, { channelType, platformId }))) return true;
  const destinations = await destinationsOf(central.loop, group.id);
  return destinations.some((one) => one.channelType === channelType && one.platformId === platformId);
};

/** A session of several chats may answer in each of them, like a session of a single chat. */
const isShared = async (
  db: LoopContext["central"]["db"],
  groupId: string,
  { channelType, platformId }: Pick<Place, "channelType" | "platformId">,
): Promise<boolean> => {
  const wiring = await db
    .selectFrom("messaging_group_agents")
    .innerJoin("messaging_groups", "messaging_groups.id", "messaging_group_agents.messaging_group_id")
    .select("messaging_group_agents.id")
    .where("agent_group_id", "=", groupId)
    .where("session_mode", "=", "agent-shared")
    .where("channel_type", "=", channelType)
    .where("platform_id", "=", platformId)
    .executeTakeFirst();
  return wiring !== undefined;
};
