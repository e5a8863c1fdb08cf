import type { FromPerson, ToChat } from "@gatehouse/channels";
import { channelOf, type LoopContext } from "../context.ts";

/** Who writes here has an account on this machine: no stranger, and told of everything. */
export const isOfThisMachine = ({ channelType }: Pick<FromPerson, "channelType">): boolean =>
  channelType === "local";

/** Tells a sender on this machine that their message was not done, and why. */
export const tellUnanswered = async (
  context: LoopContext,
  message: FromPerson,
  text: string,
): Promise<void> => {
  if (isOfThisMachine(message))
    await answerSender(context, message, { id: `dropped-${message.id}`, text, failed: true });
};

/** The host's own words to whoever wrote a message, in reply to it unless `inReplyTo` is null. */
export const answerSender = async (
  context: LoopContext,
  message: FromPerson,
  said: Pick<ToChat, "id" | "text" | "failed">,
  inReplyTo: string | null = message.id,
): Promise<void> => {
  const { platformId, instance, threadId } = message;
  const channel = channelOf(context, message.channelType);
  await channel?.send({ ...said, platformId, instance, threadId, inReplyTo, from: null });
};
