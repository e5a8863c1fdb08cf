import type { LoopContext } from "./context.ts";
import { accountForEnds } from "./delivery/tell-ended.ts";
import { unread } from "./held/unread.ts";
import { lookAt, type HeldSession } from "./held/held-session.ts";
import { judge } from "./containers/judge.ts";
import { wake } from "./containers/wake.ts";
import { tellWaiting } from "./containers/wake-failed.ts";

/**
 * One look at a session: delivers what its agent wrote, takes over what it acknowledged, ends a container that
 * is stuck, and wakes one where something is due.
 */
export const lookOnce = async (context: LoopContext, session: HeldSession): Promise<void> => {
  if (session.isOver) return;
  session.isWatched = true;
  await session.deliver();
  if (session.isOver) return;
  const read = await session.end.state(context.now());
  if (!read.ok) return unread(context, session, read.error);
  session.unread = 0;
  const { ended, due, nextDueAt } = read.value;
  const { run } = session;
  session.hasWork = due > 0 || nextDueAt !== null || session.sends.size > 0;
  session.isWatched = read.value.claims.length > 0;
  if (run !== null && ended.length > 0) run.hasWorked = true;
  await accountForEnds(context, session, read.value);
  if (nextDueAt !== null) lookAt(session, Date.parse(nextDueAt));
  if (run !== null) {
    const verdict = judge(read.value, { now: context.now(), startedAt: run.startedAt });
    if (!verdict.isStuck || run.isAsked) return;
    context.log("container-stuck", { session: session.id, reason: verdict.reason, forMs: verdict.forMs });
    run.isAsked = true;
    await run.container.kill(context.times.graceMs);
  } else if (due > 0) await wakeInTime(context, session);
};

/** After a wake that failed, no earlier than the next one is planned. */
const wakeInTime = async (context: LoopContext, session: HeldSession): Promise<void> => {
  if (session.wakeNotBefore <= Date.now()) return wake(context, session);
  lookAt(session, session.wakeNotBefore);
  await tellWaiting(context, session);
};

/**
 * Looks at a session if there may be anything to see. One whose container wrote nothing, works on nothing and
 * lives costs no query.
 */
export const lookIfChanged = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const { run } = session;
  const { mayHaveNews, heartbeat } = session.end.glance();
  const isQuiet = !mayHaveNews && !session.hasWork && !session.isWatched && session.unread === 0;
  if (isQuiet) {
    if (run === null || run.isAsked) return;
    const seen = { heartbeat, claims: [], tool: null };
    if (!judge(seen, { now: context.now(), startedAt: run.startedAt }).isStuck) return;
  }
  await session.look();
};
