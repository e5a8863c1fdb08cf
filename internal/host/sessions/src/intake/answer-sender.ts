import type { FromPerson, ToChat } from "@gatehouse/channels";
import { channelOf, type LoopContext } from "../context.ts";

/**
 * Senders on this channel have an account on this machine. They are no strangers, and are told every outcome.
 */
export const isOfThisMachine = ({ channelType }: Pick<FromPerson, "channelType">): boolean =>
  channelType === "local";

/** Tells a sender on this machine that their message was not carried out, and why. */
export const tellUnanswered = async (
  context: LoopContext,
  message: FromPerson,
  text: string,
): Promise<void> => {
  if (isOfThisMachine(message))
    await answerSender(context, message, { id: `dropped-${message.id}`, text, failed: true });
};

/** A person's message, as far as its sender is answered. */
export type Answered = Pick<FromPerson, "id" | "channelType" | "platformId" | "instance" | "threadId">;

/** Sends the host's own text to the sender of a message, as a reply unless `inReplyTo` is null. */
export const answerSender = async (
  context: LoopContext,
  message: Answered,
  said: Pick<ToChat, "id" | "text" | "failed">,
  inReplyTo: string | null = message.id,
): Promise<void> => {
  const { platformId, instance, threadId } = message;
  const channel = channelOf(context, message.channelType);
  await channel?.send({ ...said, platformId, instance, threadId, inReplyTo, from: null });
};
