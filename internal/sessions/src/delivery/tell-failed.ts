import type { Acknowledgement, Origin } from "@nc/session-db";
import { channelOf, type LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { hostRow } from "../held/host-row.ts";
import { leaveFor } from "./notes.ts";
import { sessionFacts } from "../held/session-rows.ts";
import { tellChat, tellSender, type Told } from "./tell.ts";

/** Tells whoever sent them of messages that will not be answered. */
export const tellFailed = async (
  context: LoopContext,
  session: HeldSession,
  failed: readonly Acknowledgement[],
): Promise<void> => {
  for (const { id, status, reason } of failed) {
    if (status !== "failed") continue;
    context.log("message-failed", { session: session.id, id, reason: "not-answered" });
    const origin = await session.end.origin(id);
    await tellOrigin(context, session, origin.ok ? origin.value : null, {
      id: `failed-${id}`,
      text: `This message could not be answered: ${reason ?? "the agent ended each time it worked on it"}`,
      inReplyTo: id,
      failed: true,
    });
  }
};

/** In the chat that the message came from, which need not be the session's own; an agent in its session. */
export const tellOrigin = async (
  context: LoopContext,
  session: HeldSession,
  origin: Origin | null,
  told: Told & { readonly inReplyTo: string },
): Promise<void> => {
  const { sourceSessionId = null, channelType = null, platformId = null, threadId = null } = origin ?? {};
  if (sourceSessionId !== null) return tellAgent(context, session, sourceSessionId, told);
  if (channelType === null || platformId === null || channelOf(context, channelType) === undefined)
    return tellChat(context, session, told);
  await tellSender(context, session, { id: told.inReplyTo, channelType, platformId, threadId }, told);
};

/** As context: it has it with its next message. */
const tellAgent = async (
  context: LoopContext,
  session: HeldSession,
  sourceSessionId: string,
  { id, text, inReplyTo }: Told & { readonly inReplyTo: string },
): Promise<void> => {
  const sender = await context.held.open(sourceSessionId);
  const facts = await sessionFacts(context.central.beside, session.id);
  const told = `${facts?.group.name ?? session.groupId}: ${text}`;
  const timestamp = context.now();
  const row = hostRow({
    ...{ id, kind: "chat", timestamp, trigger: false },
    content: { text: told, system: true, inReplyTo },
  });
  const closed = "the other session is closed";
  if (sender === "elsewhere") {
    if (!(await leaveFor(context, sourceSessionId, row)))
      context.log("not-told", { session: session.id, id, reason: closed });
    return;
  }
  const sent = await sender?.end.send([row]);
  if (sent?.ok !== true)
    context.log("not-told", { session: session.id, id, reason: sent?.error.message ?? closed });
};
