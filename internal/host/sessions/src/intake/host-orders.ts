import type { FromPerson } from "@gatehouse/channels";
import type { OrderAnswer } from "@gatehouse/dispatch";
import { sessionKey, type KnownChat, type RoutedWiring } from "@gatehouse/routing";
import { findSession, sessionFor } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import { leaveOrder } from "../delivery/notes.ts";
import { answerOrder, withdrawMessage } from "../delivery/withdraw.ts";
import type { ChatOrder, GivenOrder } from "../session-host.ts";

/**
 * Carries out an order for one group. Returns the answer; null if it has answered itself. A repeated order, in the same
 * message, must change nothing more.
 */
type HostOrder = (
  context: LoopContext,
  given: GivenOrder,
  message: FromPerson,
) => Promise<OrderAnswer | null>;

const withdraw: HostOrder = async (context, { sessionId }, message) => {
  const { id, channelType, platformId, instance, threadId, userId } = message;
  const order = { id, channelType, platformId, instance, threadId, userId };
  for (;;) {
    const session = sessionId === null ? null : await context.leased.open(sessionId);
    if (sessionId === null || session === null)
      return { text: "You have no message that waits.", failed: false };
    const isDone =
      session === "leasedByOtherHost"
        ? await leaveOrder(context, sessionId, order)
        : await withdrawMessage(context, session, order);
    if (isDone) return null;
  }
};

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
    const place = { userId: message.userId, groupId, sessionId: await findSession(db, key) };
    const answer = await carryOut(context, { words, makeSession, ...place }, message);
    if (answer !== null) await answerOrder(context, message, groupId, answer);
  }
};
