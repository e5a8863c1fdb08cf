import { backoff, ok, fieldsOf, textOf } from "@gatehouse/std";
import { setImmediate as nextTurn } from "node:timers/promises";
import { isTrouble } from "@gatehouse/sqlite";
import { dueMessages, hasOpenMessages, sendToAgent, settle } from "@gatehouse/session-rows";
import type { Delivery, Undelivered } from "@gatehouse/session-rows/messages";
import { answerCommand } from "./agent-frames.ts";
import { deliverToAgent } from "./agent-messages.ts";
import type { LoopContext } from "../context.ts";
import { delivered, deliverToChat } from "./chat-messages.ts";
import { removeSent } from "../files/outbox-files.ts";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import { hostText } from "@gatehouse/session-rows/messages";
import type { Sent } from "./outbox.ts";
import { deliverReport } from "./runner-reports.ts";

/** Messages read at once. */
const limit = 50;

/** Most tries to send one message to a chat. */
const maxSends = 3;

/** At most this many messages may wait for their next try while later ones are read. */
const mostWaiting = 1_000;

/** How long a delivery continues after the host began to close, ms. The next host delivers the rest. */
const lastMs = 300;

/**
 * Delivers all messages of the agent that are due. A message that fails delays only its own chat. When the
 * host closes, it stops soon, between two messages.
 */
export const deliverAll = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const stuckChats = new Set<string>();
  const waiting = new Set<string>();
  const mayContinue = deliveryLimit(context, session);
  while (mayContinue() && waiting.size < mostWaiting) {
    // A command on this page may already be running or done.
    const running = new Set(session.outbox.commands);
    const signals = session.side.signals();
    const received = await session.side.read(async (rows) => {
      const messages = await dueMessages({ limit, now: context.now(), except: [...waiting] })(rows);
      return { messages, hasOpen: messages.length > 0 || (await hasOpenMessages(rows)) };
    });
    if (!received.ok) return session.dispatch({ type: "refused", at: Date.now(), error: received.error });
    const { messages, hasOpen } = received.value;
    session.lastRead = { signals, hasOpen };
    const notRunning = messages.filter(({ id }) => !running.has(id));
    const ended = await deliverBatch(context, session, notRunning, { stuckChats, mayContinue });
    if (ended === null || messages.length < limit) return;
    for (const { id } of messages) if (!ended.has(id)) waiting.add(id);
  }
};

/** False once another host has leased the session, or a moment after this host began to close. */
const deliveryLimit = ({ phase }: LoopContext, session: LeasedSession): (() => boolean) => {
  let until: number | null = null;
  return () => {
    if (isOver(session)) return false;
    if (phase.is !== "closing") return true;
    until ??= performance.now() + lastMs;
    return performance.now() < until;
  };
};

type Pass = {
  /** Chats with a message that waits for its next try. Later messages to them wait as well. */
  readonly stuckChats: Set<string>;
  readonly mayContinue: () => boolean;
};

/** Returns the ended messages. Null if their end could not be written, or the host closes. */
const deliverBatch = async (
  context: LoopContext,
  session: LeasedSession,
  messages: readonly Undelivered[],
  { stuckChats, mayContinue }: Pass,
): Promise<ReadonlySet<string> | null> => {
  const ended = new Set<string>();
  for (const [index, message] of messages.entries()) {
    // Commits and reads of the database complete without the event loop, so this loop would block all other
    // work.
    if (index > 0) await nextTurn();
    if (!mayContinue()) return null;
    // A command of `ncl` goes to no chat, so it waits for no chat.
    const chat =
      message.kind === "system" ? message.id : JSON.stringify([message.channelType, message.platformId]);
    if (stuckChats.has(chat)) continue;
    const before = session.outbox.sends.get(message.id);
    if (before !== undefined && before.notBefore > performance.now()) {
      stuckChats.add(chat);
      continue;
    }
    const sent = await sendCounted(context, session, message);
    if (sent.how === "running") {
      // A read-only command is answered at once, because its agent is waiting for it.
      await nextTurn();
      continue;
    }
    const delivery = await endOf(context, session, message, sent);
    const noted = sent.how === "delivered" ? sent.noted : undefined;
    if (delivery === null) stuckChats.add(chat);
    else if (await isWritten(session, delivery, noted)) {
      ended.add(message.id);
      removeSent(context, session, message);
    } else return null;
  }
  return ended;
};

/**
 * A throw counts as a failed try: repeated for ever, it would keep back all later messages of the session. It does not count
 * while the database is away or the disk is full, since then every message throws.
 */
const sendCounted = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
): Promise<Sent> => {
  try {
    return await sendOnce(context, session, message);
  } catch (error) {
    if (isTrouble(error)) throw error;
    context.report(error);
    return { how: "failed", reason: "the host failed on it; its log has the details." };
  }
};

const sendOnce = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
): Promise<Sent> => {
  const platformMessageId = session.outbox.sent.get(message.id);
  if (platformMessageId !== undefined) return { how: "delivered", platformMessageId };
  if (message.kind === "system" && fieldsOf(message.content)["report"] !== undefined)
    return deliverReport(context, session, message);
  if (message.kind === "system") return answerCommand(context, session, message);
  if (message.channelType === "agent") return deliverToAgent(context, session, message);
  return deliverToChat(context, session, message);
};

/** Null if the message is tried again. */
const endOf = async (
  context: LoopContext,
  session: LeasedSession,
  message: Undelivered,
  sent: Sent,
): Promise<Delivery | null> => {
  const { id, content } = message;
  const at = context.now();
  if (sent.how === "delivered") {
    const { platformMessageId } = sent;
    session.outbox.sent.set(id, platformMessageId);
    await session.dispatch({ type: "worked" });
    context.log("message-delivered", { session: session.id, id });
    return delivered(message, platformMessageId, at);
  }
  const failures = (session.outbox.sends.get(id)?.failures ?? 0) + (sent.how === "failed" ? 1 : 0);
  if (sent.how !== "failed" || (failures < maxSends && sent.end === undefined)) {
    const afterMs = sent.how === "later" ? sent.afterMs : undefined;
    const waitMs = afterMs ?? backoff({ first: context.times.resendMs, factor: 4 }, failures);
    session.outbox.sends.set(id, { failures, notBefore: performance.now() + waitMs });
    session.schedule.at(Date.now() + waitMs);
    return null;
  }
  const isUncertain = sent.end === "uncertain";
  context.log(isUncertain ? "message-uncertain" : "message-failed", {
    session: session.id,
    id,
    reason: sent.reason,
  });
  const outcome = isUncertain
    ? "Your message may not have arrived, and is not sent again"
    : "Your message was not delivered";
  const text = `${outcome}: ${sent.reason} It was: ${textOf(fieldsOf(content)["text"])}`;
  const told = await session.side.transact(
    sendToAgent([hostText({ id: `undelivered-${id}`, timestamp: at, text, trigger: false })]),
  );
  if (!told.ok) return null;
  return { id, status: "failed", platformMessageId: null, at };
};

/**
 * False if the status could not be written: then that is tried again, without sending again. `noted`: the channel has written
 * it, and so many ends count as told.
 */
const isWritten = async (
  session: LeasedSession,
  delivery: Delivery,
  noted: number | undefined,
): Promise<boolean> => {
  const acknowledged = noted === undefined ? await session.side.transact(settle([delivery])) : ok(noted);
  if (!acknowledged.ok) {
    await session.dispatch({ type: "refused", at: Date.now(), error: acknowledged.error });
    return false;
  }
  const { sent, sends } = session.outbox;
  sent.delete(delivery.id);
  sends.delete(delivery.id);
  if (acknowledged.value > 0) await session.dispatch({ type: "ended", at: Date.now() });
  return true;
};
