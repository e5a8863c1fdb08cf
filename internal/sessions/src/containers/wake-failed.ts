import type { LoopContext } from "../context.ts";
import { lookAt, type HeldSession } from "../held/held-session.ts";
import { backoffMs } from "./judge.ts";
import { tellChat } from "../delivery/tell.ts";

/** Tells a failed wake, and plans the next. Also for a container that ended before it did anything. */
export const wakeFailed = async (
  context: LoopContext,
  session: HeldSession,
  reason: string,
): Promise<void> => {
  session.failures += 1;
  const waitMs = backoffMs(context.times.wakeRetryMs, session.failures);
  session.wakeNotBefore = Date.now() + waitMs;
  lookAt(session, session.wakeNotBefore);
  context.log("wake-failed", { session: session.id, failures: session.failures, reason, waitMs });
  if (session.toldFailure === reason) return;
  session.toldFailure = reason;
  await tellChat(context, session.id, {
    id: `wake-failed-${session.id}-${session.lease.token}-${session.failures}`,
    text: `The agent could not be started: ${reason} Your message is kept, and it is tried again.`,
    inReplyTo: null,
  });
};
