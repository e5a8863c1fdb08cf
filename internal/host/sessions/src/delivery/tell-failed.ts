import type { Acknowledgement, Origin } from "@gatehouse/session-rows/messages";
import { channelOf, type LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hostRow } from "../leased/host-row.ts";
import { leaveFor } from "./notes.ts";
import { sessionFacts } from "../leased/session-rows.ts";
import { tellChat, tellSender, type Told } from "./tell.ts";

/** Tells the senders of messages that will not be answered. */
export const tellFailed = async (
  context: LoopContext,
  session: LeasedSession,
  failed: readonly Acknowledgement[],
): Promise<void> => {
  for (const { id, status, reason } of failed) {
    if (status !== "failed") continue;
    context.log("message-failed", { session: session.id, id, reason: "not-answered" });
    const origin = await session.side.origin(id);
    await tellOrigin(context, session, origin.ok ? origin.value : null, {
      id: `failed-${id}`,
      text: `This message could not be answered: ${reason ?? "the agent ended each time it worked on it"}`,
      inReplyTo: id,
      failed: true,
    });
  }
};

/**
 * Tells the chat that the message came from, which may differ from the session's own; an agent is told in its
 * session.
 */
export const tellOrigin = async (
  context: LoopContext,
  session: LeasedSession,
  origin: Origin | null,
  told: Told & { readonly inReplyTo: string },
): Promise<void> => {
  const { sourceSessionId = null, channelType = null, platformId = null, threadId = null } = origin ?? {};
  if (sourceSessionId !== null) return tellAgent(context, session, sourceSessionId, told);
  if (channelType === null || platformId === null || channelOf(context, channelType) === undefined)
    return tellChat(context, session, told);
  await tellSender(context, session, { id: told.inReplyTo, channelType, platformId, threadId }, told);
};

/** Delivered as context with the next message. */
const tellAgent = async (
  context: LoopContext,
  session: LeasedSession,
  sourceSessionId: string,
  { id, text, inReplyTo }: Told & { readonly inReplyTo: string },
): Promise<void> => {
  const sender = await context.leased.open(sourceSessionId);
  const facts = await sessionFacts(context.central.beside, session.id);
  const told = `${facts?.group.name ?? session.groupId}: ${text}`;
  const timestamp = context.now();
  const row = hostRow({
    ...{ id, kind: "chat", timestamp, trigger: false },
    content: { text: told, system: true, inReplyTo },
  });
  const closed = "the other session is closed";
  if (sender === "leasedByOtherHost") {
    if (!(await leaveFor(context, sourceSessionId, row)))
      context.log("not-told", { session: session.id, id, reason: closed });
    return;
  }
  const sent = await sender?.side.send([row]);
  if (sent?.ok !== true)
    context.log("not-told", { session: session.id, id, reason: sent?.error.message ?? closed });
};
