import type { SessionState } from "@gatehouse/session-rows/messages";
import { withdrawnReason } from "@gatehouse/session-rows";
import { fenceOf, type LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { maxTries } from "../lifecycle/judge.ts";
import { tellFailed } from "./tell-failed.ts";

/** Most undelivered messages that are checked. */
const mostLeft = 50;

type Ended = SessionState["ended"];

/**
 * Tells senders of the messages that ended. A session's state returns each end once, so call this after
 * reading the state, before the session's rows are written again.
 */
export const accountForEnds = async (
  context: LoopContext,
  session: LeasedSession,
  { ended, claims, due, nextDueAt }: SessionState,
): Promise<void> => {
  // No message is open, so every answered message that is not in this list had ended before its answer.
  if (due === 0 && nextDueAt === null && claims.length === 0) forgetAllBut(session, ended);
  if (ended.length > 0) {
    await session.tell({ type: "ended", at: Date.now() });
    noteEnded(
      context,
      session,
      ended.filter(({ tries }) => tries < maxTries),
    );
    // The last host gave these messages up and was killed before it told their senders. A runner may have
    // told them of its last try.
    await tellFailed(
      context,
      session,
      ended.filter(({ id, tries }) => tries >= maxTries && !session.outbox.answered.has(id)),
    );
  }
  await tellEnds(context, session);
};

/** Notes the messages that the agent has ended; `tellEnds` tells the channels. */
const noteEnded = ({ log }: LoopContext, session: LeasedSession, ended: Ended): void => {
  // The reason is the agent's own text, which is never logged.
  for (const { id, status, reason } of ended)
    if (status === "failed" && !isWithdrawn(reason))
      log("message-failed", { session: session.id, id, reason: "agent-failed" });
  session.outbox.ends.push(...ended);
};

/**
 * Tells channels of ended messages that got no answer, because a client may be waiting. A message is kept for
 * the next pass if its answer may be among messages that could not be read or sent.
 */
const tellEnds = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const toBeAnswered = new Set<string | null>();
  if (session.outbox.ends.some(({ id }) => !session.outbox.answered.has(id))) {
    // An answer and its acknowledgement are one commit, so an answer that came after the last delivery can be
    // delivered now.
    await session.deliver();
    const left = await session.side.receive({ limit: mostLeft, now: context.now() });
    if (!left.ok || left.value.length === mostLeft) {
      return session.schedule.at(Date.now() + context.times.resendMs);
    }
    for (const { inReplyTo } of left.value) toBeAnswered.add(inReplyTo);
  }
  const fence = fenceOf(context, session);
  for (const { id, status, reason } of session.outbox.ends.splice(0)) {
    // It is removed from the set here, because each message ends once.
    if (session.outbox.answered.delete(id) || toBeAnswered.has(id)) continue;
    const failure = status === "failed" ? failureOf(reason) : null;
    for (const channel of context.channels) await channel.ended?.({ id, failure, ...fence });
  }
};

const isWithdrawn = (reason: string | null): boolean => reason?.startsWith(withdrawnReason) === true;

const failureOf = (reason: string | null): string =>
  isWithdrawn(reason) ? `${withdrawnReason}.` : `The agent failed: ${reason ?? "the reason is unknown."}`;

/** Forgets answers to ended messages, except for messages whose end is still to be told. */
const forgetAllBut = ({ outbox: { answered, ends } }: LeasedSession, ended: Ended): void => {
  const kept = new Set([...ended, ...ends].map(({ id }) => id));
  for (const id of answered) if (!kept.has(id)) answered.delete(id);
};
