import type { Acknowledgement } from "@nc/session-db";
import { channelOf, type LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";
import { sendDurably } from "../held/send-durably.ts";
import { instanceOf, sessionFacts } from "../held/session-rows.ts";
import { tellChat, type Told } from "./tell.ts";

/** Tells whoever sent them of messages that will not be answered. */
export const tellFailed = async (
  context: LoopContext,
  session: HeldSession,
  failed: readonly Acknowledgement[],
): Promise<void> => {
  for (const { id, status, reason } of failed) {
    if (status !== "failed") continue;
    context.log("message-failed", { session: session.id, id, reason });
    await tellSender(context, session, {
      id: `failed-${id}`,
      text: `This message could not be answered: ${reason ?? "the agent ended each time it had it"}`,
      inReplyTo: id,
      failed: true,
    });
  }
};

/** In the chat that the message came from, which need not be the session's own; an agent in its session. */
const tellSender = async (
  context: LoopContext,
  session: HeldSession,
  told: Told & { readonly inReplyTo: string },
): Promise<void> => {
  const { db } = context.central;
  const found = await session.end.origin(told.inReplyTo);
  const {
    sourceSessionId = null,
    channelType = null,
    platformId = null,
    threadId = null,
  } = (found.ok ? found.value : null) ?? {};
  if (sourceSessionId !== null) return tellAgent(context, session, sourceSessionId, told);
  const channel = channelOf(context, channelType);
  if (channel === undefined || channelType === null || platformId === null)
    return tellChat(context, session.id, told);
  const preferred = (await sessionFacts(db, session.id))?.instance ?? "";
  const instance = (await instanceOf(db, { channelType, platformId, preferred })) ?? "";
  const sent = await channel.send({ ...told, platformId, instance, threadId, from: null });
  if (!sent.ok) context.log("not-told", { session: session.id, text: told.text, reason: sent.error.message });
};

/** As context: it has it with its next message. */
const tellAgent = async (
  context: LoopContext,
  session: HeldSession,
  sourceSessionId: string,
  { id, text, inReplyTo }: Told & { readonly inReplyTo: string },
): Promise<void> => {
  const sender = await context.held.tryHold(sourceSessionId);
  const facts = await sessionFacts(context.central.db, session.id);
  const told = `${facts?.group.name ?? session.groupId}: ${text}`;
  const timestamp = context.now();
  const row = hostRow({
    ...{ id, kind: "chat", timestamp, trigger: false },
    content: { text: told, system: true, inReplyTo },
  });
  if (sender === null || !(await sendDurably(context, sender, [row])))
    context.log("not-told", { session: session.id, text: told });
};
