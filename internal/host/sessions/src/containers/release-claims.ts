import type { LoopContext } from "../context.ts";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import { backoff } from "@gatehouse/std";
import { longestWaitMs, releaseMessages } from "@gatehouse/session-rows";
import { maxTries } from "../lifecycle/judge.ts";

/**
 * Why an agent ended with messages in work. "host-gone": the host of the agent ended, and the agent with it.
 */
export type EndedBecause = "agent-failed" | "interrupted" | "host-gone";

/**
 * Releases the messages that an ended agent had in work. A message whose tries are used up has failed; the next pass
 * tells its sender. Each other one is due again: later if the agent failed, else at once, so that no later message of its chat
 * overtakes it. An interruption counts no try.
 */
export const releaseClaims = async (
  context: LoopContext,
  session: LeasedSession,
  because: EndedBecause,
): Promise<void> => {
  if (isOver(session)) return;
  const released = await session.side.transact(
    releaseMessages({
      now: context.now(),
      maxTries,
      backoffMs: (tries) =>
        because === "host-gone" ? 0 : backoff({ first: context.times.retryMs, most: longestWaitMs }, tries),
      isInterrupted: because === "interrupted",
    }),
  );
  if (released.ok) return;
  if (released.error.code === "fenced")
    return session.dispatch({ type: "lost", why: released.error.message });
  context.log("not-released", { session: session.id, reason: released.error.message });
};
