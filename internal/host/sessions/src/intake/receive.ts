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
import { mostLater, type Held } from "@gatehouse/approvals";
import { numberOf, sessionFor, touchSession } from "@gatehouse/session-rows";
import { ownDirectChat, type CentralTables } from "@gatehouse/central-database";
import type { FromPerson } from "@gatehouse/channels";
import type { InboundMessage } from "@gatehouse/session-rows/messages";
import { channelOf, type LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hasRun } from "../lifecycle/step.ts";
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
type ClaimMessage = (transaction: Kysely<CentralTables>) => Promise<boolean>;

/**
 * Routes one message. Resolves when it is durable in each session that gets it, was dropped, or waits for a person. One that
 * has waited for a person is routed like any other, unless the answer was no.
 */
export const receiveMessage = async (context: LoopContext, message: FromPerson): Promise<void> => {
  const claim = claimOf(context, message);
  const refusal = message.waitsFor === undefined ? null : await refusalOf(context, message);
  if (refusal === null) return routeMessage(context, message, claim);
  await tellUnanswered(context, message, `Your message was not passed on: ${refusal}`);
  await context.central.loop.transaction().execute(claim);
};

const routeMessage = async (
  context: LoopContext,
  message: FromPerson,
  claim: ClaimMessage,
): Promise<void> => {
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
    return;
  }
  const [first] = routed;
  const notAsked = asked === undefined ? null : await ask(context, message, chat, asked.wiring);
  // A message for one agent is processed once its session has it, and a message for several once all have it.
  // Its files are removed after that, so a host that continues after a kill still finds them.
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
  const waits = asked !== undefined && notAsked === null;
  // At the end, because this marks the message as processed.
  if (dropped !== null && !waits) await drop(context, message, dropped, claim);
  const [kept] = wanted;
  if (kept !== undefined && engaged.length === 0)
    await tellUnanswered(context, message, `It is kept for later: ${whyDropped(kept.reason)}`);
};

/** In a chat without a wiring, a person is asked which agent may answer. Only messages to the bot are routed. */
const receiveUnwired = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat | null,
  claim: ClaimMessage,
): Promise<void> => {
  if (!message.isMention && !message.isDirect && !isOfThisMachine(context, message)) return;
  const refusal = (await isRefusedPerson(context.central.loop, message.userId)) ? "person-refused" : null;
  const outcome =
    refusal ?? (chat?.isRefused === true ? "chat-refused" : await holdForChat(context, message));
  if (outcome === "wired") return routeMessage(context, message, claim);
  if (!isHeld(outcome)) return drop(context, message, { chat, groupId: null, reason: outcome }, claim);
  // A chat reads it once for each question. On this machine a client waits for an answer to each message.
  if (outcome === "held" || isOfThisMachine(context, message))
    await tellHeld(context, message, outcome, chatPendingText);
};

const chatPendingText = `No agent answers in this chat yet. A person is asked which one may. Your message waits for that, and so do the next ${mostLater}.`;

const laterText = "This message waits, too: the person has not answered yet.";

/** A client on this machine that waits for an answer to the message ends, because of the id. */
const tellHeld = async (
  context: LoopContext,
  message: FromPerson,
  outcome: Held,
  firstText: string,
): Promise<void> => {
  const text = outcome === "held" ? firstText : laterText;
  if (outcome !== "claimed") await answerSender(context, message, { id: `held-${message.id}`, text }, null);
};

const claimOf = (context: LoopContext, { id, channelType }: FromPerson): ClaimMessage => {
  const channel = channelOf(context, channelType);
  return async (transaction) => (await channel?.claim(transaction, id)) ?? true;
};

/** Why a message that has waited for a person is not passed on; null if it may be, or its question is gone. */
const refusalOf = async (
  { central, log }: LoopContext,
  { id, waitsFor }: FromPerson,
): Promise<string | null> => {
  const question = await central.loop
    .selectFrom("pending_approvals")
    .select(["kind", "status"])
    .where("approval_id", "=", waitsFor ?? "")
    .executeTakeFirst();
  if (question === undefined || question.status === "pending") return null;
  const { kind, status } = question;
  log("held-message-ended", { id, status });
  if (status === "approved") return null;
  const why = kind === "chat" ? ofChat : ofSender;
  return why[status] ?? why.failed;
};

type Why = Readonly<Record<string, string>> & { readonly failed: string };

const ofSender: Why = {
  rejected: whyDropped("person-refused"),
  expired: "the question whether you may write here got no answer in time.",
  failed: "you could not be added.",
};

const ofChat: Why = {
  rejected: whyDropped("chat-refused"),
  expired: "the question whether an agent may answer in this chat got no answer in time.",
  failed: "no agent could be given this chat.",
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

/** Has a stranger's message wait until an approver has decided whether the stranger may write. */
const ask = async (
  context: LoopContext,
  message: FromPerson,
  chat: KnownChat,
  wiring: RoutedWiring,
): Promise<Dropped | null> => {
  const outcome = await holdForApproval(context, message, chat, wiring);
  if (!isHeld(outcome)) return { chat, groupId: wiring.groupId, reason: outcome };
  if (isOfThisMachine(context, message)) await tellHeld(context, message, outcome, pendingText);
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
