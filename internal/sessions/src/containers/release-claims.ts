import type { LoopContext } from "../context.ts";
import { isOver, type HeldSession } from "../held/held-session.ts";
import { backoffMs, maxTries } from "../lifecycle/judge.ts";
import { tellFailed } from "../delivery/tell-failed.ts";

/**
 * What an ended container had in work is due again later, or has failed and is told. With `isInterrupted` it is
 * due at once.
 */
export const releaseClaims = async (
  context: LoopContext,
  session: HeldSession,
  isInterrupted = false,
): Promise<void> => {
  if (isOver(session)) return;
  const released = await session.end.release({
    now: context.now(),
    maxTries,
    backoffMs: (tries) => backoffMs(context.times.retryMs, tries),
    isInterrupted,
  });
  if (released.ok) return tellFailed(context, session, released.value);
  if (released.error.code === "fenced") return session.tell({ type: "lost", why: released.error.message });
  context.log("not-released", { session: session.id, reason: released.error.message });
};
