import type { FromPerson, ToChat } from "@gatehouse/channels";
import { channelOf, type LoopContext } from "../context.ts";

/** Whether the sender has an account on this machine, and is told every outcome. */
export const isOfThisMachine = (
  context: LoopContext,
  { channelType }: Pick<FromPerson, "channelType">,
): boolean => channelOf(context, channelType)?.isOfThisMachine === true;

/** Tells a sender on this machine that their message was not carried out, and why. */
export const tellUnanswered = async (
  context: LoopContext,
  message: FromPerson,
  text: string,
): Promise<void> => {
  if (isOfThisMachine(context, message))
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
