import type { LoopContext } from "../context.ts";
import { lookAt, type HeldSession, type WakeFailure } from "../held/held-session.ts";
import { backoffMs, maxTries } from "./judge.ts";
import { tellChat, tellSender } from "../delivery/tell.ts";

/** Messages that are told of one failure. */
const mostTold = 100;

/**
 * Plans the next wake, and tells why this one failed. One that a signal ended is tried again first, as often as
 * a message is: most people never learn of it.
 */
export const wakeFailed = async (
  context: LoopContext,
  session: HeldSession,
  whyNotStarted: WakeFailure,
): Promise<void> => {
  const { reason, isKilled } = whyNotStarted;
  session.whyNotStarted = whyNotStarted;
  session.failures += 1;
  const waitMs = backoffMs(context.times.wakeRetryMs, session.failures);
  session.wakeNotBefore = Date.now() + waitMs;
  lookAt(session, session.wakeNotBefore);
  context.log("wake-failed", { session: session.id, failures: session.failures, reason, waitMs });
  if (isKilled && session.failures < maxTries) return;
  const isNew = session.failure?.reason !== reason;
  if (isNew) session.failure = { reason, told: new Set() };
  const waiting = await tellWaiting(context, session);
  if (waiting > 0 || !isNew) return;
  await tellChat(context, session, {
    id: `wake-failed-${session.id}-${session.lease.token}-${session.failures}`,
    text: textOf(reason),
    inReplyTo: null,
  });
};

/**
 * Tells each sender whose message waits that the last wake failed, and why: also whoever writes while the next
 * try is waited for. A message is told of the same reason once. Returns how many messages of people wait.
 */
export const tellWaiting = async (context: LoopContext, session: HeldSession): Promise<number> => {
  const { failure } = session;
  if (failure === null) return 0;
  const waiting = await session.end.waiting({ limit: mostTold, now: context.now() });
  // A session that another host holds by now is told there.
  if (!waiting.ok) return 0;
  for (const message of waiting.value) {
    if (failure.told.has(message.id)) continue;
    failure.told.add(message.id);
    await tellSender(context, session, message, {
      id: `wake-failed-${message.id}`,
      text: textOf(failure.reason),
    });
  }
  return waiting.value.length;
};

const textOf = (reason: string): string =>
  `The agent could not be started: ${reason} Your message is kept, and it is tried again.`;
