import { sessionFor, touchSession } from "@gatehouse/control-plane";
import type { FromPerson } from "@gatehouse/channels";
import type { InboundMessage } from "@nc/session-db";
import { countDropped, findChat, personOf, wiringsOf, type KnownChat } from "./chat-rows.ts";
import type { LoopContext } from "../context.ts";
import { leaveFor } from "../delivery/notes.ts";
import { sessionFolder } from "../files/held-files.ts";
import { filesIn, putAttachments, type FileOfMessage } from "../files/put-attachments.ts";
import { sendDurably } from "../held/send-durably.ts";
import { answerSender, isOfThisMachine, tellUnanswered } from "./answer-sender.ts";
import { holdForApproval } from "./hold-for-approval.ts";
import { route, type Routed, type RoutedWiring } from "./route.ts";
import { sessionKey } from "./session-key.ts";
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
  const routed = route(message, { chat, wirings, person: await personOf(db, message.userId, chat.id) });
  const wanted = routed.filter(({ act }) => act === "engage" || act === "keep");
  const asked = routed.find(({ act }) => act === "ask");
  const [first] = routed;
  if (asked !== undefined) await ask(context, message, chat, asked.wiring);
  else if (first !== undefined && wanted.length === 0)
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
  await answerSender(context, message, {
    id: `declined-${message.id}`,
    text: "You are not known here, so your message was not passed on.",
  });
};

/** Keeps a stranger's message until somebody said whether they may write (cases 28, 33). */
const ask = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  wiring: RoutedWiring,
): Promise<void> => {
  const outcome = await holdForApproval(context, message, chat, wiring);
  if (outcome !== "held") await drop(context, message, chat, wiring.groupId, outcome);
  else if (isOfThisMachine(message))
    await answerSender(context, message, { id: `held-${message.id}`, text: heldText }, null);
};

const heldText = "You are not known here. Somebody is asked whether your message may be passed on.";

/** A session may be closed between the look at its row and the write: then the chat gets a new one. */
const give = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  { wiring, act }: Routed,
): Promise<void> => {
  const { groupId } = wiring;
  const key = sessionKey(message, chat, wiring);
  const clock = { now: context.now, id: context.newId };
  for (;;) {
    const found = await sessionFor(context.central.db, key, clock);
    // The group or the chat was deleted a moment ago.
    if (found === null) return drop(context, message, null, null, "not-wired");
    if (found.isNew) context.log("session-made", { session: found.id, group: groupId });
    const session = await context.held.open(found.id);
    if (session === null) continue;
    const folder = sessionFolder(context, groupId, found.id);
    const place = { folder, box: "inbox", messageId: message.id } as const;
    const files = await putAttachments(context, place, message.attachments ?? []);
    const row = rowOf(message, files, act === "engage");
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

const rowOf = (message: FromPerson, files: readonly FileOfMessage[], trigger: boolean): InboundMessage => ({
  id: message.id,
  kind: "chat",
  timestamp: message.at,
  content: {
    text: message.text,
    sender: message.userId,
    ...(message.userName === null ? {} : { senderName: message.userName }),
    ...filesIn(files),
  },
  trigger,
  onWake: false,
  sourceSessionId: null,
  processAfter: null,
  channelType: message.channelType,
  platformId: message.platformId,
  threadId: message.threadId,
});
