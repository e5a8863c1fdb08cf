import { channelOf, type LoopContext } from "../context.ts";
import type { Waiting } from "@nc/session-db";
import { instanceOf, sessionFacts } from "../held/session-rows.ts";

/** A sentence of the host to the chat of a session. */
export type Told = {
  /** The same for the same event: a channel that can, shows it once. */
  readonly id: string;
  readonly text: string;
  readonly inReplyTo: string | null;
  /** What `inReplyTo` asks was not done. */
  readonly failed?: true;
};

/** Tells the chat of a session something, in the host's own name. A session of several chats has none. */
export const tellChat = async (context: LoopContext, sessionId: string, told: Told): Promise<void> => {
  const facts = await sessionFacts(context.central.db, sessionId);
  const platformId = facts?.routing.platformId ?? null;
  const channel = channelOf(context, facts?.routing.channelType ?? null);
  if (facts === null || platformId === null || channel === undefined) {
    context.log("not-told", { session: sessionId, text: told.text });
    return;
  }
  const { instance, routing } = facts;
  const sent = await channel.send({ ...told, platformId, instance, threadId: routing.threadId, from: null });
  if (!sent.ok) context.log("not-told", { session: sessionId, text: told.text, reason: sent.error.message });
};

/** Tells the sender of a message that it was not done, in the chat and thread that it came from. */
export const tellSender = async (
  context: LoopContext,
  sessionId: string,
  { id: inReplyTo, channelType, platformId, threadId }: Waiting,
  told: Pick<Told, "id" | "text">,
): Promise<void> => {
  const { db } = context.central;
  const preferred = (await sessionFacts(db, sessionId))?.instance ?? "";
  const instance = await instanceOf(db, { channelType, platformId, preferred });
  const sent = await channelOf(context, channelType)?.send({
    ...told,
    ...{ platformId, instance: instance ?? "", threadId, inReplyTo, from: null, failed: true },
  });
  if (sent?.ok !== true)
    context.log("not-told", {
      session: sessionId,
      text: told.text,
      reason: sent?.error.message ?? "no channel",
    });
};
