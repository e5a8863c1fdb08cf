import { sessionFor, touchSession } from "@gatehouse/control-plane";
import type { FromPerson, ToChat } from "@gatehouse/channels";
import type { InboundMessage } from "@nc/session-db";
import { countDropped, findChat, personOf, wiringsOf, type KnownChat } from "./chat-rows.ts";
import { channelOf, type LoopContext } from "../context.ts";
import { leaveFor } from "../delivery/notes.ts";
import { sendDurably } from "../held/send-durably.ts";
import { route, type Routed } from "./route.ts";
import { whyDropped, type DropReason } from "./why-dropped.ts";

/** Routes one message; resolves when it is durable in each session that gets it, or was dropped. */
export const takeMessage = async (context: LoopContext, message: FromPerson): Promise<void> => {
  const { db } = context.central;
  const chat = await findChat(db, message);
  const wirings = chat === null ? [] : await wiringsOf(db, chat.id, message.threadId);
  if (chat === null || wirings.length === 0) {
    // Of a chat that nobody wired, only a message to the bot is anybody's business.
    if (message.isMention || message.isDirect || isOfThisMachine(message))
      await drop(context, message, chat, null, "not-wired");
    return;
  }
  const routed = route(message, { chat, wirings, person: await personOf(db, message.userId) });
  const wanted = routed.filter(({ act }) => act !== "drop");
  const [first] = routed;
  if (first !== undefined && wanted.length === 0)
    await drop(context, message, chat, first.wiring.groupId, first.reason);
  await Promise.all(wanted.map((one) => give(context, message, chat, one)));
  const [kept] = wanted;
  if (kept === undefined || wanted.some(({ act }) => act === "engage")) return;
  await tellUnanswered(context, message, `It is kept for later: ${whyDropped(kept.reason)}`);
};

const drop = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat | null,
  groupId: string | null,
  reason: DropReason,
): Promise<void> => {
  await countDropped(context.central.db, message, { reason, chatId: chat?.id ?? null, groupId });
  context.log("message-dropped", { id: message.id, channel: message.channelType, reason });
  if (isOfThisMachine(message))
    return tellUnanswered(context, message, `Your message was not passed on: ${whyDropped(reason)}`);
  if (reason !== "unknown-sender" || chat?.unknownSenderPolicy !== "decline_notify") return;
  await answer(context, message, {
    id: `declined-${message.id}`,
    text: "You are not known here, so your message was not passed on.",
  });
};

/** Who writes here has an account on this machine: no stranger, and told of everything. */
const isOfThisMachine = ({ channelType }: FromPerson): boolean => channelType === "local";

const tellUnanswered = async (context: LoopContext, message: FromPerson, text: string): Promise<void> => {
  if (isOfThisMachine(message))
    await answer(context, message, { id: `dropped-${message.id}`, text, failed: true });
};

const answer = async (
  context: LoopContext,
  message: FromPerson,
  said: Pick<ToChat, "id" | "text" | "failed">,
): Promise<void> => {
  const { platformId, instance, threadId, id } = message;
  const channel = channelOf(context, message.channelType);
  await channel?.send({ ...said, platformId, instance, threadId, inReplyTo: id, from: null });
};

/** A session may be closed between the look at its row and the write: then the chat gets a new one. */
const give = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  { wiring: { groupId, sessionMode }, act }: Routed,
): Promise<void> => {
  const key = {
    groupId,
    messagingGroupId: sessionMode === "agent-shared" ? null : chat.id,
    threadId: sessionMode === "per-thread" ? message.threadId : null,
  };
  const clock = { now: context.now, id: context.newId };
  for (;;) {
    const found = await sessionFor(context.central.db, key, clock);
    // The group or the chat was deleted a moment ago.
    if (found === null) return drop(context, message, null, null, "not-wired");
    if (found.isNew) context.log("session-made", { session: found.id, group: groupId });
    const session = await context.held.open(found.id);
    if (session === null) continue;
    const row = rowOf(message, act === "engage");
    if (session === "elsewhere") return leaveFor(context, found.id, row);
    const isDurable = await sendDurably(context, session, [row]);
    if (!isDurable) continue;
    context.log("message-taken", { id: message.id, session: session.id, act });
    if (act === "engage") await touchSession(context.central.db, session.lease, context.now());
    // A container that runs sees the message by itself.
    if (session.run === null) void session.look();
    return;
  }
};

const rowOf = (message: FromPerson, trigger: boolean): InboundMessage => ({
  id: message.id,
  kind: "chat",
  timestamp: message.at,
  content: {
    text: message.text,
    sender: message.userId,
    ...(message.userName === null ? {} : { senderName: message.userName }),
  },
  trigger,
  onWake: false,
  sourceSessionId: null,
  processAfter: null,
  channelType: message.channelType,
  platformId: message.platformId,
  threadId: message.threadId,
});
