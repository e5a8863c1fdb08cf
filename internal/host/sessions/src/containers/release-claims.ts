import type { LoopContext } from "../context.ts";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import { backoffMs, maxTries } from "../lifecycle/judge.ts";
import { tellFailed } from "../delivery/tell.ts";

/**
 * Releases the messages that an exited container had in work: each is due again later, or has failed and its
 * sender is told. With `isInterrupted` they are due at once.
 */
export const releaseClaims = async (
  context: LoopContext,
  session: LeasedSession,
  isInterrupted = false,
): Promise<void> => {
  if (isOver(session)) return;
  const released = await session.side.release({
    now: context.now(),
    maxTries,
    backoffMs: (tries) => backoffMs(context.times.retryMs, tries),
    isInterrupted,
  });
  if (released.ok) return tellFailed(context, session, released.value);
  if (released.error.code === "fenced") return session.tell({ type: "lost", why: released.error.message });
  context.log("not-released", { session: session.id, reason: released.error.message });
};
