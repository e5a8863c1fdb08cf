import type { SessionState } from "@nc/session-db";
import { fenceOf, type LoopContext } from "../context.ts";
import { lookAt, type HeldSession } from "../held/held-session.ts";

/** Undelivered messages that are looked at. */
const mostLeft = 50;

type Ended = SessionState["ended"];

/** Accounts for messages that the agent is done with: `tellEnds` tells of them. */
export const noteEnded = ({ log }: LoopContext, session: HeldSession, ended: Ended): void => {
  // The reason is the agent's own text, which the log never has.
  for (const { id, status } of ended)
    if (status === "failed") log("message-failed", { session: session.id, id, reason: "agent-failed" });
  session.ends.push(...ended);
};

/**
 * Tells the channels of ended messages that nothing was sent in answer to, since somebody may wait. One whose
 * answer may still be among what could not be sent or read is kept, and looked at again.
 */
export const tellEnds = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const toBeAnswered = new Set<string | null>();
  if (session.ends.some(({ id }) => !session.answered.has(id))) {
    // An answer is committed with its acknowledgement, so one that came after the last delivery is there now.
    await session.deliver();
    const left = await session.end.receive({ limit: mostLeft, now: context.now() });
    if (!left.ok || left.value.length === mostLeft) {
      session.hasWork = true;
      return lookAt(session, Date.now() + context.times.resendMs);
    }
    for (const { inReplyTo } of left.value) toBeAnswered.add(inReplyTo);
  }
  const fence = fenceOf(context, session);
  for (const { id, status, reason } of session.ends.splice(0)) {
    // Forgotten here: no message ends twice.
    if (session.answered.delete(id) || toBeAnswered.has(id)) continue;
    const failure = status === "failed" ? `The agent failed: ${reason ?? "no reason is known."}` : null;
    for (const channel of context.channels) await channel.ended?.({ id, failure, ...fence });
  }
};

/** Forgets the answers to messages that have ended, but for those whose end is still to be told. */
export const forgetAllBut = ({ answered, ends }: HeldSession, ended: Ended): void => {
  const kept = new Set([...ended, ...ends].map(({ id }) => id));
  for (const id of answered) if (!kept.has(id)) answered.delete(id);
};
