import type { Kysely } from "kysely";
import { sessionFor, touchSession, type CentralTables } from "@gatehouse/control-plane";
import type { FromPerson } from "@gatehouse/channels";
import type { InboundMessage } from "@nc/session-db";
import { countDropped, findChat, isRefusedPerson, personOf, wiringsOf, type KnownChat } from "./chat-rows.ts";
import { channelOf, type LoopContext } from "../context.ts";
import { leaveFor } from "../delivery/notes.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hasRun } from "../lifecycle/step.ts";
import { dropHeldFiles } from "../files/held-files.ts";
import { filesIn, putFilesOfPerson, type FileOfMessage } from "../files/put-attachments.ts";
import { sendDurably } from "../held/send-durably.ts";
import { answerSender, isOfThisMachine, tellUnanswered } from "./answer-sender.ts";
import { holdForApproval, holdForChat } from "./hold-for-approval.ts";
import { route, type Routed, type RoutedWiring } from "./route.ts";
import { sessionKey } from "./session-key.ts";
import { whyDropped, type DropReason } from "./why-dropped.ts";

/** That no agent gets a message, or not all that might have. */
type Dropped = {
  readonly chat: KnownChat | null;
  readonly groupId: string | null;
  readonly reason: DropReason;
};

/** Marks a message as done with, in a transaction. False if it was: another host had it. */
type ClaimMessage = (transaction: Kysely<CentralTables>) => Promise<boolean>;

/**
 * Routes one message; resolves when it is durable in each session that gets it, or was dropped. `claim` is its
 * channel's if none is given. True if it now waits until a person has approved it.
 */
export const takeMessage = async (
  context: LoopContext,
  message: FromPerson,
  claim: ClaimMessage = claimOf(context, message),
): Promise<boolean> => {
  const { beside: db } = context.central;
  const chat = await findChat(db, message);
  const wirings = chat === null ? [] : await wiringsOf(db, chat.id, message.threadId);
  if (chat === null || wirings.length === 0) return takeUnwired(context, message, chat, claim);
  const routed = route(message, { chat, wirings, person: await personOf(db, message.userId, chat.id) });
  const wanted = routed.filter(({ act }) => act === "engage" || act === "keep");
  const asked = routed.find(({ act }) => act === "ask");
  const [first] = routed;
  const unheld = asked === undefined ? null : await ask(context, message, chat, asked.wiring);
  const gone = await Promise.all(wanted.map((one) => give(context, message, chat, one)));
  const unwanted =
    first === undefined || asked !== undefined || wanted.length > 0
      ? null
      : { chat, groupId: first.wiring.groupId, reason: first.reason };
  const dropped = [unheld, unwanted, ...gone].find((one) => one !== null) ?? null;
  // Last: the message is done with.
  if (dropped !== null) await drop(context, message, dropped, claim);
  const [kept] = wanted;
  if (kept !== undefined && !wanted.some(({ act }) => act === "engage"))
    await tellUnanswered(context, message, `It is kept for later: ${whyDropped(kept.reason)}`);
  return asked !== undefined && unheld === null;
};

/** Of a chat that nobody wired, only a message to the bot is anybody's business: somebody is asked (case 31). */
const takeUnwired = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat | null,
  claim: ClaimMessage,
): Promise<boolean> => {
  if (!message.isMention && !message.isDirect && !isOfThisMachine(message)) return false;
  const refusal = (await isRefusedPerson(context.central.beside, message.userId)) ? "person-refused" : null;
  const outcome =
    refusal ?? (chat?.isRefused === true ? "chat-refused" : await holdForChat(context, message));
  if (outcome === "wired") {
    const waits = await takeMessage(context, message, claim);
    if (!waits) await dropHeldFiles(context, message.id, {});
    return waits;
  }
  if (outcome !== "held") {
    await drop(context, message, { chat, groupId: null, reason: outcome }, claim);
    return false;
  }
  if (isOfThisMachine(message))
    await answerSender(context, message, { id: `held-${message.id}`, text: chatHeldText }, null);
  return true;
};

const chatHeldText = "No agent answers in this chat yet. A person is asked which one may.";

const claimOf = (context: LoopContext, { id, channelType }: FromPerson): ClaimMessage => {
  const channel = channelOf(context, channelType);
  return async (transaction) => (await channel?.claim?.(transaction, id)) ?? true;
};

/**
 * Tells of a dropped message, and counts it. It is marked as done with in the transaction that counts it, so a
 * host that is killed before does it anew, and one that was stopped meanwhile counts nothing.
 */
const drop = async (
  context: LoopContext,
  message: FromPerson,
  { chat, groupId, reason }: Dropped,
  claim: ClaimMessage,
): Promise<void> => {
  context.log("message-dropped", { id: message.id, channel: message.channelType, reason });
  if (isOfThisMachine(message))
    await tellUnanswered(context, message, `Your message was not passed on: ${whyDropped(reason)}`);
  else if (reason === "unknown-sender" && chat?.unknownSenderPolicy === "decline_notify")
    await answerSender(context, message, {
      id: `declined-${message.id}`,
      text: "You are not known here, so your message was not passed on.",
    });
  await context.central.beside.transaction().execute(async (transaction) => {
    if (!(await claim(transaction))) return;
    await countDropped(transaction, message, { reason, chatId: chat?.id ?? null, groupId });
  });
};

/** Keeps a stranger's message until somebody said whether they may write (cases 28, 33). */
const ask = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  wiring: RoutedWiring,
): Promise<Dropped | null> => {
  const outcome = await holdForApproval(context, message, chat, wiring);
  if (outcome !== "held") return { chat, groupId: wiring.groupId, reason: outcome };
  if (isOfThisMachine(message))
    await answerSender(context, message, { id: `held-${message.id}`, text: heldText }, null);
  return null;
};

const heldText = "You are not known here. A person is asked whether your message may be passed on.";

/** A session may be closed between the look at its row and the write: then the chat gets a new one. */
const give = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  { wiring, act }: Routed,
): Promise<Dropped | null> => {
  const { groupId } = wiring;
  const key = sessionKey(message, chat, wiring);
  const clock = { now: context.now, id: context.newId };
  for (;;) {
    const found = await sessionFor(context.central.beside, key, clock);
    // The group or the chat was deleted a moment ago.
    if (found === null) return { chat: null, groupId: null, reason: "not-wired" };
    if (found.isNew) context.log("session-made", { session: found.id, group: groupId });
    const session = await context.held.open(found.id);
    if (session === null) continue;
    const place = { sessionId: found.id, box: "in", messageId: message.id } as const;
    const files = await putFilesOfPerson(context, place, message.attachments ?? []);
    const row = rowOf(message, files, act === "engage");
    if (session === "elsewhere") {
      if (await leaveFor(context, found.id, row)) return null;
      continue;
    }
    const { workload, isWatched } = session.state();
    session.schedule.expectClaim(hasRun(workload) && act === "engage" && !isWatched);
    const isDurable = await sendDurably(context, session, [row]);
    if (!isDurable) continue;
    context.log("message-taken", { id: message.id, session: session.id, act });
    if (act === "engage") await touch(context, session);
    void session.tell({ type: "message" }).catch(context.report);
    return null;
  }
};

/** A commit of its own: so not for each of many messages. ms */
const touchedForMs = 10_000;

/** Writes when the session had its last message. The first one is waited for: it makes the session's chat its own. */
const touch = async ({ central, now, report }: LoopContext, session: HeldSession): Promise<void> => {
  const [isFirst, age] = [session.touchedAt === 0, Date.now() - session.touchedAt];
  if (age < touchedForMs) return;
  session.touchedAt = Date.now();
  const touched = touchSession(central.beside, session.lease, now());
  if (isFirst) await touched;
  else void touched.catch(report);
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
