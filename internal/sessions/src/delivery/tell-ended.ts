import type { SessionState } from "@nc/session-db";
import { fenceOf, type LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";

/** Undelivered messages that are looked at. */
const mostLeft = 50;

/**
 * Accounts for messages that the agent is done with. Of one that nothing was sent in answer to, the channels
 * are told, since somebody may wait.
 */
export const tellEnded = async (
  context: LoopContext,
  session: HeldSession,
  ended: SessionState["ended"],
): Promise<void> => {
  for (const { id, status, reason } of ended)
    if (status === "failed") context.log("message-failed", { session: session.id, id, reason });
  if (ended.every(({ id }) => session.answered.has(id))) return forget(session, ended);
  // An answer is committed with its acknowledgement, so one that came after the last delivery is there now.
  await session.deliver();
  const fence = fenceOf(context, session);
  const left = await session.end.receive({ limit: mostLeft, now: context.now() });
  for (const { id, status, reason } of ended) {
    // What could not be sent or read yet may be the answer.
    if (!left.ok || left.value.length === mostLeft || session.answered.has(id)) continue;
    if (left.value.some(({ inReplyTo }) => inReplyTo === id)) continue;
    const failure = status === "failed" ? `The agent failed: ${reason ?? "no reason is known."}` : null;
    for (const channel of context.channels) await channel.ended?.({ id, failure, ...fence });
  }
  forget(session, ended);
};

const forget = ({ answered }: HeldSession, ended: SessionState["ended"]): void => {
  for (const { id } of ended) answered.delete(id);
};
