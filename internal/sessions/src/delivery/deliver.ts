import { Buffer } from "node:buffer";
import { setImmediate as others } from "node:timers/promises";
import type { Delivery, Undelivered } from "@nc/session-db";
import { answerCommand } from "./agent-frames.ts";
import { deliverToAgent } from "./agent-messages.ts";
import type { LoopContext } from "../context.ts";
import { deliverToChat } from "./chat-messages.ts";
import { removeSent } from "../files/outbox-files.ts";
import { isOver, type HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";
import type { Sent } from "./sent.ts";
import { textOf } from "./text-of.ts";

/** Messages read at once. */
const limit = 50;

/** How often one message is sent to a chat. */
const maxSends = 3;

/** Texts of one read, bytes: below this it was not cut short. It has about a megabyte if it was. */
const longRead = 512 * 2 ** 10;

/** Messages that wait for their next try, past which others are looked for. */
const mostWaiting = 1_000;

/** How long a delivery goes on once its host closes, ms: what is left is the next host's. */
const lastMs = 300;

/**
 * Delivers everything that the agent wrote and that is due. One message that fails holds up its chat alone. While
 * the host closes it ends soon, between two messages.
 */
export const deliverAll = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const stuckChats = new Set<string>();
  const waiting = new Set<string>();
  const mayGoOn = goesOn(context, session);
  while (mayGoOn() && waiting.size < mostWaiting) {
    // The page has a command that runs by now, even if it has ended when the loop comes to it.
    const running = new Set(session.outbox.commands);
    const received = await session.end.receive({ limit, now: context.now(), except: [...waiting] });
    if (!received.ok) return session.tell({ type: "refused", at: Date.now(), error: received.error });
    const notRunning = received.value.filter(({ id }) => !running.has(id));
    const ended = await deliverBatch(context, session, notRunning, { stuckChats, mayGoOn });
    if (ended === null || isWhole(received.value)) return;
    for (const { id } of received.value) if (!ended.has(id)) waiting.add(id);
  }
};

/** Says no once another host has the session, or a moment after this one began to close. */
const goesOn = ({ phase }: LoopContext, session: HeldSession): (() => boolean) => {
  let until: number | null = null;
  return () => {
    if (isOver(session)) return false;
    if (phase.is !== "closing") return true;
    until ??= performance.now() + lastMs;
    return performance.now() < until;
  };
};

type Pass = {
  /** Chats of which a message waits for its next try: the later ones wait with it. */
  readonly stuckChats: Set<string>;
  readonly mayGoOn: () => boolean;
};

const isWhole = (received: readonly Undelivered[]): boolean =>
  received.length < limit &&
  received.reduce((bytes, { content }) => bytes + Buffer.byteLength(JSON.stringify(content)), 0) < longRead;

/** The messages that it has ended with. Null if that could not be written down, or the host closes. */
const deliverBatch = async (
  context: LoopContext,
  session: HeldSession,
  messages: readonly Undelivered[],
  { stuckChats, mayGoOn }: Pass,
): Promise<ReadonlySet<string> | null> => {
  const ended = new Set<string>();
  for (const [index, message] of messages.entries()) {
    // Neither a commit nor a look at a row waits for an event, so without this all of them were one.
    if (index > 0) await others();
    if (!mayGoOn()) return null;
    // A command of `ncl` goes to no chat, and waits for none.
    const chat =
      message.kind === "system" ? message.id : JSON.stringify([message.channelType, message.platformId]);
    if (stuckChats.has(chat)) continue;
    const before = session.outbox.sends.get(message.id);
    if (before !== undefined && before.notBefore > Date.now()) {
      stuckChats.add(chat);
      continue;
    }
    const sent = await sendOnce(context, session, message);
    if (sent.how === "running") {
      // A command that only looks something up is answered now: its agent waits, and for the rest nobody does.
      await others();
      continue;
    }
    const delivery = await endOf(context, session, message, sent);
    if (delivery === null) stuckChats.add(chat);
    else if (await isWritten(session, delivery)) {
      ended.add(message.id);
      removeSent(context, session, message);
    } else return null;
  }
  return ended;
};

const sendOnce = async (context: LoopContext, session: HeldSession, message: Undelivered): Promise<Sent> => {
  const platformMessageId = session.outbox.sent.get(message.id);
  if (platformMessageId !== undefined) return { how: "delivered", platformMessageId };
  if (message.kind === "system") return answerCommand(context, session, message);
  if (message.channelType === "agent") return deliverToAgent(context, session, message);
  return deliverToChat(context, session, message);
};

/** Null if it is tried again. */
const endOf = async (
  context: LoopContext,
  session: HeldSession,
  { id, content, inReplyTo }: Undelivered,
  sent: Sent,
): Promise<Delivery | null> => {
  const at = context.now();
  if (sent.how === "delivered") {
    const { platformMessageId } = sent;
    session.outbox.sent.set(id, platformMessageId);
    if (inReplyTo !== null) await noteAnswered(session, inReplyTo);
    await session.tell({ type: "worked" });
    context.log("message-delivered", { session: session.id, id });
    return { id, status: "delivered", platformMessageId, at };
  }
  const failures = (session.outbox.sends.get(id)?.failures ?? 0) + (sent.how === "failed" ? 1 : 0);
  if (sent.how !== "failed" || failures < maxSends) {
    const notBefore = Date.now() + context.times.resendMs * 4 ** Math.max(0, failures - 1);
    session.outbox.sends.set(id, { failures, notBefore });
    session.schedule.at(notBefore);
    return null;
  }
  context.log("message-failed", { session: session.id, id, reason: sent.reason });
  const told = await session.end.send([
    hostRow({
      id: `undelivered-${id}`,
      kind: "chat",
      timestamp: at,
      content: {
        text: `Your message was not delivered: ${sent.reason} It was: ${textOf(content)}`,
        system: true,
      },
      trigger: false,
    }),
  ]);
  if (!told.ok) return null;
  return { id, status: "failed", platformMessageId: null, at };
};

/** The agent chooses the id: one that its session never received is of no use, and would never be forgotten. */
const noteAnswered = async ({ end, outbox: { answered } }: HeldSession, id: string): Promise<void> => {
  if (answered.has(id)) return;
  const received = await end.origin(id);
  if (received.ok && received.value !== null) answered.add(id);
};

/** False if it could not be written down: it is tried again, and not sent again. */
const isWritten = async (session: HeldSession, delivery: Delivery): Promise<boolean> => {
  const acknowledged = await session.end.acknowledge([delivery]);
  if (!acknowledged.ok) {
    await session.tell({ type: "refused", at: Date.now(), error: acknowledged.error });
    return false;
  }
  session.outbox.sent.delete(delivery.id);
  session.outbox.sends.delete(delivery.id);
  return true;
};
