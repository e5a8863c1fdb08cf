import type { SessionState } from "@nc/session-db";
import { fenceOf, type LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { maxTries } from "../lifecycle/judge.ts";
import { tellFailed } from "./tell-failed.ts";

/** Undelivered messages that are looked at. */
const mostLeft = 50;

type Ended = SessionState["ended"];

/**
 * Tells of the messages that ended. A session's state gives each end once, so whoever reads it calls this before
 * the session's rows are written again.
 */
export const accountForEnds = async (
  context: LoopContext,
  session: HeldSession,
  { ended, claims, due, nextDueAt }: SessionState,
): Promise<void> => {
  // No message is open: what was answered and does not end now had ended before its answer.
  if (due === 0 && nextDueAt === null && claims.length === 0) forgetAllBut(session, ended);
  if (ended.length > 0) {
    await session.tell({ type: "ended", at: Date.now() });
    noteEnded(
      context,
      session,
      ended.filter(({ tries }) => tries < maxTries),
    );
    // The last host gave these up, and was killed before it told of it. A runner may have told of its last try.
    await tellFailed(
      context,
      session,
      ended.filter(({ id, tries }) => tries >= maxTries && !session.outbox.answered.has(id)),
    );
  }
  await tellEnds(context, session);
};

/** Accounts for messages that the agent is done with: `tellEnds` tells of them. */
const noteEnded = ({ log }: LoopContext, session: HeldSession, ended: Ended): void => {
  // The reason is the agent's own text, which the log never has.
  for (const { id, status } of ended)
    if (status === "failed") log("message-failed", { session: session.id, id, reason: "agent-failed" });
  session.outbox.ends.push(...ended);
};

/**
 * Tells the channels of ended messages that nothing was sent in answer to, since somebody may wait. One whose
 * answer may still be among what could not be sent or read is kept, and looked at again.
 */
const tellEnds = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const toBeAnswered = new Set<string | null>();
  if (session.outbox.ends.some(({ id }) => !session.outbox.answered.has(id))) {
    // An answer is committed with its acknowledgement, so one that came after the last delivery is there now.
    await session.deliver();
    const left = await session.end.receive({ limit: mostLeft, now: context.now() });
    if (!left.ok || left.value.length === mostLeft) {
      return session.schedule.at(Date.now() + context.times.resendMs);
    }
    for (const { inReplyTo } of left.value) toBeAnswered.add(inReplyTo);
  }
  const fence = fenceOf(context, session);
  for (const { id, status, reason } of session.outbox.ends.splice(0)) {
    // Forgotten here: no message ends twice.
    if (session.outbox.answered.delete(id) || toBeAnswered.has(id)) continue;
    const failure = status === "failed" ? `The agent failed: ${reason ?? "the reason is unknown."}` : null;
    for (const channel of context.channels) await channel.ended?.({ id, failure, ...fence });
  }
};

/** Forgets the answers to messages that have ended, but for those whose end is still to be told. */
const forgetAllBut = ({ outbox: { answered, ends } }: HeldSession, ended: Ended): void => {
  const kept = new Set([...ended, ...ends].map(({ id }) => id));
  for (const id of answered) if (!kept.has(id)) answered.delete(id);
};
