import type { LoopContext } from "./context.ts";
import { tellChat } from "./delivery/tell.ts";
import { accountForEnds } from "./delivery/tell-ended.ts";
import { unread } from "./held/unread.ts";
import { lookAt, type HeldSession } from "./held/held-session.ts";
import { judge } from "./containers/judge.ts";
import { wake } from "./containers/wake.ts";
import { tellWaiting } from "./containers/wake-failed.ts";

/** As often in a row the files of a session may be unreadable before its container is ended. None is waited for. */
const maxUnreadable = 10;

/**
 * One look at a session: delivers what its agent wrote, takes over what it acknowledged, ends a container that
 * is stuck, and wakes one where something is due.
 */
export const lookOnce = async (context: LoopContext, session: HeldSession): Promise<void> => {
  if (session.isOver) return;
  session.isWatched = true;
  const busyBefore = session.busy;
  await session.deliver();
  if (session.isOver) return;
  const read = await session.end.state(context.now(), session.hasReceived ? "as-received" : undefined);
  if (!read.ok) {
    await unread(context, session, read.error);
    const most = session.run === null && read.error.code === "unreadable" ? 1 : maxUnreadable;
    if (session.unreadable >= most) await startAfresh(context, session, read.error.message);
    return;
  }
  Object.assign(session, { unreadable: 0, isMending: false, mendEnds: 0 });
  if (session.busy === busyBefore) session.busy = 0;
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
 * lives costs two looks at its files from outside.
 */
export const lookIfChanged = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const { run } = session;
  const { mayHaveNews, heartbeat } = session.end.glance();
  const isQuiet = !mayHaveNews && !session.hasWork && !session.isWatched && session.unreadable === 0;
  if (isQuiet) {
    if (run === null || run.isAsked) return;
    const seen = { heartbeat, claims: [], tool: null };
    if (!judge(seen, { now: context.now(), startedAt: run.startedAt }).isStuck) return;
  }
  await session.look();
};

/** The longest time that a container is given to put a file right, ms. */
const longestMendMs = 3_600_000;

/**
 * A new container puts a file of the last one right, or aside. It is given its time: an end in the middle of that
 * would leave the file as it is, and so on for ever. Each further container gets twice as long.
 */
const startAfresh = async (context: LoopContext, session: HeldSession, reason: string): Promise<void> => {
  const { run } = session;
  const wasMending = session.isMending;
  session.isMending = true;
  if (run === null) return wakeInTime(context, session);
  const mendMs = Math.min(context.times.mendMs * 2 ** Math.max(0, session.mendEnds - 1), longestMendMs);
  const mendUntil = Date.parse(run.startedAt) + mendMs;
  if (wasMending && mendUntil > Date.now()) return lookAt(session, mendUntil);
  context.log("container-stuck", { session: session.id, reason: "unreadable", forMs: null });
  if (session.mendEnds === 0)
    await tellChat(context, session, {
      id: `unreadable-${session.id}-${run.incarnation}`,
      text: `The agent is restarted, since its messages cannot be read (${reason}).`,
      inReplyTo: null,
    });
  session.mendEnds += 1;
  run.isAsked = true;
  await run.container.kill(context.times.graceMs);
};
