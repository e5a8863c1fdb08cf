import type { Kysely } from "kysely";
import {
  countDropped,
  findChat,
  isRefusedPerson,
  personOf,
  route,
  sessionKey,
  whyDropped,
  wiringsOf,
  type DropReason,
  type KnownChat,
  type Routed,
  type RoutedWiring,
} from "@gatehouse/routing";
import { mostLater } from "@gatehouse/approvals";
import { numberOf, sessionFor, touchSession } from "@gatehouse/session-rows";
import { ownDirectChat, type CentralTables } from "@gatehouse/central-database";
import type { FromPerson } from "@gatehouse/channels";
import type { InboundMessage } from "@gatehouse/session-rows/messages";
import { channelOf, type LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hasRun } from "../lifecycle/step.ts";
import { dropPendingFiles } from "../files/pending-files.ts";
import { filesIn, putFilesOfPerson, type FileOfMessage } from "../files/put-attachments.ts";
import { appendDurably } from "../leased/append.ts";
import { answerSender, isOfThisMachine, tellUnanswered } from "./answer-sender.ts";
import { holdForApproval, holdForChat, isHeld } from "./hold-for-approval.ts";
import { carryOutOrder, hostOrderIn } from "./host-orders.ts";

/** The reason why no agent gets a message, or not all possible ones. */
type Dropped = {
  readonly chat: KnownChat | null;
  readonly groupId: string | null;
  readonly reason: DropReason;
};

/** Marks a message as processed, in a transaction. False if another host had marked it. */
export type ClaimMessage = (transaction: Kysely<CentralTables>) => Promise<boolean>;

/** The kind of question for which a message waits; null if it was routed or dropped. */
type Awaits = "chat" | "sender" | null;

/**
 * Routes one message. Resolves when it is durable in each session that gets it, or was dropped. By default
 * `claim` is the channel's.
 */
export const receiveMessage = async (
  context: LoopContext,
  message: FromPerson,
  claim: ClaimMessage = claimOf(context, message),
): Promise<Awaits> => {
  const { loop: db } = context.central;
  const chat = await findChat(db, message);
  // An imported chat, or one that the operator made.
  if (message.isDirect && chat?.userId === null) await ownDirectChat(db, chat.id, message.userId);
  const wirings = chat === null ? [] : await wiringsOf(db, chat.id, message.threadId);
  if (chat === null || wirings.length === 0) return receiveUnwired(context, message, chat, claim);
  const routed = route(message, { chat, wirings, person: await personOf(db, message.userId, chat.id) });
  const wanted = routed.filter(({ act }) => act === "engage" || act === "keep");
  const asked = routed.find(({ act }) => act === "ask");
  const engaged = routed.filter(({ act }) => act === "engage").map(({ wiring }) => wiring);
  const order = message.edits === undefined ? hostOrderIn(context, message.text) : null;
  if (order !== null && engaged.length > 0) {
    await carryOutOrder(context, order, message, { chat, wirings: engaged });
    await db.transaction().execute(claim);
    return null;
  }
  const [first] = routed;
  const notAsked = asked === undefined ? null : await ask(context, message, chat, asked.wiring);
  // A message for one agent is processed once its session has it, and a message for several once all have it.
  // Copies of its files are removed after that, so a host that continues after a kill still finds them.
  const isForOne = asked === undefined && wanted.length === 1 && wanted[0]?.act === "engage";
  const also = isForOne && message.attachments === undefined ? claim : undefined;
  const gone = await Promise.all(
    wanted.map((one) => deliverToSession(context, message, chat, { ...one, also })),
  );
  const unwanted =
    first === undefined || asked !== undefined || wanted.length > 0
      ? null
      : { chat, groupId: first.wiring.groupId, reason: first.reason };
  const dropped = [notAsked, unwanted, ...gone].find((one) => one !== null) ?? null;
  // At the end, because this marks the message as processed.
  if (dropped !== null) await drop(context, message, dropped, claim);
  const [kept] = wanted;
  if (kept !== undefined && engaged.length === 0)
    await tellUnanswered(context, message, `It is kept for later: ${whyDropped(kept.reason)}`);
  return asked !== undefined && notAsked === null ? "sender" : null;
};

/** In a chat without a wiring, a person is asked which agent may answer. Only messages to the bot are routed. */
const receiveUnwired = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat | null,
  claim: ClaimMessage,
): Promise<Awaits> => {
  if (!message.isMention && !message.isDirect && !isOfThisMachine(context, message)) return null;
  const refusal = (await isRefusedPerson(context.central.loop, message.userId)) ? "person-refused" : null;
  const outcome =
    refusal ?? (chat?.isRefused === true ? "chat-refused" : await holdForChat(context, message));
  if (outcome === "wired") {
    const awaits = await receiveMessage(context, message, claim);
    if (awaits !== "chat") await dropPendingFiles(context, message.id, {});
    return awaits;
  }
  if (!isHeld(outcome)) {
    await drop(context, message, { chat, groupId: null, reason: outcome }, claim);
    return null;
  }
  // A chat reads it once for each question. On this machine a client waits for an answer to each message.
  if (outcome === "held" || isOfThisMachine(context, message))
    await tellHeld(context, message, outcome === "held" ? chatPendingText : laterText);
  return "chat";
};

const chatPendingText = `No agent answers in this chat yet. A person is asked which one may. Your message waits for that, and so do the next ${mostLater}.`;

const laterText = "This message waits, too: the person has not answered yet.";

/** A client on this machine that waits for an answer to the message ends, because of the id. */
const tellHeld = (context: LoopContext, message: FromPerson, text: string): Promise<void> =>
  answerSender(context, message, { id: `held-${message.id}`, text }, null);

const claimOf = (context: LoopContext, { id, channelType }: FromPerson): ClaimMessage => {
  const channel = channelOf(context, channelType);
  return async (transaction) => (await channel?.claim?.(transaction, id)) ?? true;
};

/**
 * Reports and counts a dropped message. The mark and the count are one transaction: a host that is killed
 * before it repeats both, and a host whose message another host has marked counts nothing.
 */
const drop = async (
  context: LoopContext,
  message: FromPerson,
  { chat, groupId, reason }: Dropped,
  claim: ClaimMessage,
): Promise<void> => {
  context.log("message-dropped", { id: message.id, channel: message.channelType, reason });
  if (isOfThisMachine(context, message))
    await tellUnanswered(context, message, `Your message was not passed on: ${whyDropped(reason)}`);
  else if (reason === "unknown-sender" && chat?.unknownSenderPolicy === "decline_notify")
    await answerSender(context, message, {
      id: `declined-${message.id}`,
      text: "You are not known here, so your message was not passed on.",
    });
  await context.central.loop.transaction().execute(async (transaction) => {
    if (!(await claim(transaction))) return;
    await countDropped(transaction, message, { reason, chatId: chat?.id ?? null, groupId });
  });
};

/** Stores a stranger's message until an approver has decided whether the stranger may write. */
const ask = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  wiring: RoutedWiring,
): Promise<Dropped | null> => {
  const outcome = await holdForApproval(context, message, chat, wiring);
  if (!isHeld(outcome)) return { chat, groupId: wiring.groupId, reason: outcome };
  if (isOfThisMachine(context, message))
    await tellHeld(context, message, outcome === "held" ? pendingText : laterText);
  return null;
};

const pendingText = `You are not known here. A person is asked whether you may write. Your message waits for that, and so do the next ${mostLater}.`;

/** If the session was closed between the read of its row and the write, the chat gets a new session. */
const deliverToSession = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  { wiring, act, also }: Routed & { readonly also: ClaimMessage | undefined },
): Promise<Dropped | null> => {
  const { groupId } = wiring;
  const key = sessionKey(message, chat, wiring);
  const clock = { now: context.now, id: context.newId };
  for (;;) {
    const found = await sessionFor(context.central.loop, key, clock);
    // The group or the chat was deleted a moment ago.
    if (found === null) return { chat: null, groupId: null, reason: "not-wired" };
    if (found.isNew) context.log("session-made", { session: found.id, group: groupId });
    const session = await context.leased.open(found.id);
    if (session === null) continue;
    const place = { sessionId: found.id, box: "in", messageId: message.id } as const;
    const files = await putFilesOfPerson(context, place, message.attachments ?? []);
    const edits =
      message.edits === undefined ? undefined : await numberOf(context.central.loop, found.id, message.edits);
    const row = rowOf(message, { files, edits }, act === "engage");
    if (session !== "leasedByOtherHost") {
      const { workload, isWatched } = session.state();
      session.schedule.expectClaim(hasRun(workload) && act === "engage" && !isWatched);
      // Before the message, because after a kill a message that is stored is not processed again.
      if (act === "engage") await touch(context, session);
    }
    if (!(await appendDurably(context, found.id, [row], also))) continue;
    context.log("message-taken", { id: message.id, session: found.id, act });
    return null;
  }
};

/** Each update is a separate commit, so it is skipped if the last one is this recent. ms */
const touchedForMs = 10_000;

/**
 * Writes the time of the session's last message. The first write is awaited, because it makes the session the
 * active one of its chat.
 */
const touch = async ({ central, now, report }: LoopContext, session: LeasedSession): Promise<void> => {
  const [isFirst, age] = [session.touchedAt === 0, Date.now() - session.touchedAt];
  if (age < touchedForMs) return;
  session.touchedAt = Date.now();
  const touched = touchSession(central.loop, session.lease, now());
  if (isFirst) await touched;
  else void touched.catch(report);
};

type RowParts = {
  readonly files: readonly FileOfMessage[];
  /** The number of the message that it replaces; null if the session has none of it. */
  readonly edits: number | null | undefined;
};

const rowOf = (message: FromPerson, { files, edits }: RowParts, trigger: boolean): InboundMessage => ({
  id: message.id,
  kind: "chat",
  timestamp: message.at,
  content: {
    text: message.text,
    sender: message.userId,
    ...(message.userName === null ? {} : { senderName: message.userName }),
    ...(edits === undefined ? {} : { edits }),
    ...(message.quoted === undefined ? {} : { quoted: message.quoted }),
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
