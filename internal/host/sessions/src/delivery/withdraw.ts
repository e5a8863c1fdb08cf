import type { FromPerson } from "@gatehouse/channels";
import type { OrderAnswer } from "@gatehouse/dispatch";
import type { LoopContext } from "../context.ts";
import { answerSender, type Answered } from "../intake/answer-sender.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { textOf } from "./text-of.ts";

/** A person's order to withdraw their newest message that no agent has claimed. */
export type WithdrawOrder = Answered & Pick<FromPerson, "userId">;

/**
 * Withdraws the message and answers the order. A repeated order withdraws nothing more, and its answer has the same id.
 * False if this host cannot write to the session.
 */
export const withdrawMessage = async (
  context: LoopContext,
  session: LeasedSession,
  { userId: sender, ...order }: WithdrawOrder,
): Promise<boolean> => {
  const { id, channelType, platformId, threadId } = order;
  const done = await session.side.withdraw({ id, sender, channelType, platformId, threadId });
  if (!done.ok) return false;
  const { value } = done;
  context.log("message-withdrawn", { session: session.id, order: id, outcome: value.is });
  const text =
    value.is === "withdrawn" ? `Withdrawn: ${shortened(textOf(value.content))}` : notWithdrawn[value.is];
  await answerOrder(context, order, session.groupId, { text, failed: false });
  // The pass tells the sender of the withdrawn message that it has ended.
  void session.reconcile();
  return true;
};

/** Answers an order of a person. Several agents of one chat answer the same order. */
export const answerOrder = (
  context: LoopContext,
  order: Answered,
  groupId: string,
  { text, failed }: OrderAnswer,
): Promise<void> =>
  answerSender(context, order, { id: `order-${order.id}-${groupId}`, text, ...(failed ? { failed } : {}) });

const notWithdrawn = {
  "in-work": "The agent already works on it; /stop ends that.",
  nothing: "You have no message that waits.",
} as const;

/** Most characters of the withdrawn message in the answer. */
const mostShown = 80;

const shortened = (text: string): string =>
  text.length > mostShown ? `${text.slice(0, mostShown)}...` : text;
