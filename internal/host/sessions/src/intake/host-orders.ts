import { fieldsOf, textOf } from "@gatehouse/std";
import type { FromPerson } from "@gatehouse/channels";
import type { OrderAnswer } from "@gatehouse/dispatch";
import { sessionKey, type KnownChat, type RoutedWiring } from "@gatehouse/routing";
import { findSession, sessionFor, withdrawMessage } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import { inboxOf } from "../leased/append.ts";
import type { ChatOrder, GivenOrder } from "../session-host.ts";
import { answerSender } from "./answer-sender.ts";

/** Carries out an order for one group. A repeated order, in the same message, must change nothing more. */
type HostOrder = (context: LoopContext, given: GivenOrder, message: FromPerson) => Promise<OrderAnswer>;

const withdraw: HostOrder = async (context, { sessionId }, message) => {
  const { id, channelType, platformId, threadId, userId: sender } = message;
  const order = { id, sender, channelType, platformId, threadId };
  const done = sessionId === null ? null : await withdrawMessage(inboxOf(context, sessionId), order);
  if (sessionId === null || done === null) return { text: notWithdrawn.nothing, failed: false };
  context.log("message-withdrawn", { session: sessionId, order: id, outcome: done.is });
  // The pass tells the sender of the withdrawn message that it has ended.
  context.lookAt(sessionId);
  const text =
    done.is === "withdrawn"
      ? `Withdrawn: ${shortened(textOf(fieldsOf(done.content)["text"]))}`
      : notWithdrawn[done.is];
  return { text, failed: false };
};

const notWithdrawn = {
  "in-work": "The agent already works on it; /stop ends that.",
  nothing: "You have no message that waits.",
} as const;

/** Most characters of the withdrawn message in the answer. */
const mostShown = 80;

const shortened = (text: string): string =>
  text.length > mostShown ? `${text.slice(0, mostShown)}...` : text;

/** The orders of the loop itself, by word. Those of `context.orders` come from elsewhere. */
const own: Readonly<Record<string, HostOrder>> = { "/withdraw": withdraw };

/** An order in a message, and the words after its name. */
type FoundOrder = { readonly carryOut: HostOrder; readonly words: readonly string[] };

/** The order in the text of a person; null for a text that is for the agent. */
export const hostOrderIn = (
  { orders = {} }: Pick<LoopContext, "orders">,
  text: string,
): FoundOrder | null => {
  const [first = "", ...words] = text.trim().split(/\s+/);
  const word = first.toLowerCase();
  const other = valueOf<ChatOrder>(orders, word);
  if (words.length > 0 && other?.takesWords !== true) return null;
  const carryOut =
    other === null ? valueOf(own, word) : (_: unknown, given: GivenOrder) => other.answer(given);
  return carryOut === null ? null : { carryOut, words };
};

const valueOf = <T>(record: Readonly<Record<string, T>>, key: string): T | null =>
  Object.hasOwn(record, key) ? (record[key] ?? null) : null;

/** Carries out an order for each agent that the message engages. The sender gets an answer for each. */
export const carryOutOrder = async (
  context: LoopContext,
  { carryOut, words }: FoundOrder,
  message: FromPerson,
  { chat, wirings }: { readonly chat: KnownChat; readonly wirings: readonly RoutedWiring[] },
): Promise<void> => {
  const { loop: db } = context.central;
  for (const wiring of wirings) {
    const { groupId } = wiring;
    const key = sessionKey(message, chat, wiring);
    const makeSession = async (): Promise<string | null> =>
      (await sessionFor(db, key, { now: context.now, id: context.newId }))?.id ?? null;
    const sessionId = await findSession(db, key);
    const place = { userId: message.userId, groupId, chatId: chat.id, sessionId };
    const { text, failed } = await carryOut(context, { words, makeSession, ...place }, message);
    // Several agents of one chat answer the same order.
    const id = `order-${message.id}-${groupId}`;
    await answerSender(context, message, { id, text, ...(failed ? { failed } : {}) });
  }
};
