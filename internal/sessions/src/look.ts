import type { LoopContext } from "./context.ts";
import { tellChat } from "./delivery/tell.ts";
import { forgetAllBut, noteEnded, tellEnds } from "./delivery/tell-ended.ts";
import { tellFailed } from "./delivery/tell-failed.ts";
import { unread } from "./held/unread.ts";
import { lookAt, type HeldSession } from "./held/held-session.ts";
import { judge, maxTries } from "./containers/judge.ts";
import { wake } from "./containers/wake.ts";
import { tellWaiting } from "./containers/wake-failed.ts";

/** As often in a row the files of a session may be unreadable before its container is ended. */
const maxUnreadable = 10;

/**
 * One look at a session: delivers what its agent wrote, takes over what it acknowledged, ends a container that
 * is stuck, and wakes one where something is due.
 */
export const lookOnce = async (context: LoopContext, session: HeldSession): Promise<void> => {
  if (session.isOver) return;
  session.isWatched = true;
  await session.deliver();
  if (session.isOver) return;
  const read = await session.end.state(context.now(), session.hasReceived ? "as-received" : undefined);
  if (!read.ok) {
    await unread(context, session, read.error);
    if (session.unreadable >= maxUnreadable) await startAfresh(context, session, read.error.message);
    return;
  }
  session.unreadable = 0;
  const { ended, due, nextDueAt } = read.value;
  const { run } = session;
  session.hasWork = due > 0 || nextDueAt !== null || session.sends.size > 0;
  session.isWatched = read.value.claims.length > 0;
  // No message is open: what was answered and does not end now had ended before its answer.
  if (due === 0 && nextDueAt === null && !session.isWatched) forgetAllBut(session, ended);
  if (ended.length > 0) {
    session.usedAt = Date.now();
    session.failures = 0;
    session.failure = null;
    if (run !== null) run.hasWorked = true;
    noteEnded(
      context,
      session,
      ended.filter(({ tries }) => tries < maxTries),
    );
    // The last host gave these up, and was killed before it told of it.
    await tellFailed(
      context,
      session,
      ended.filter(({ tries }) => tries >= maxTries),
    );
  }
  await tellEnds(context, session);
  if (nextDueAt !== null) lookAt(session, Date.parse(nextDueAt));
  if (run !== null) {
    const verdict = judge(read.value, { now: context.now(), startedAt: run.startedAt });
    if (!verdict.isStuck || run.isAsked) return;
    context.log("container-stuck", { session: session.id, reason: verdict.reason, forMs: verdict.forMs });
    run.isAsked = true;
    await run.container.kill(context.times.graceMs);
  } else if (due > 0) {
    if (session.wakeNotBefore > Date.now()) {
      lookAt(session, session.wakeNotBefore);
      await tellWaiting(context, session);
    } else await wake(context, session);
  }
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

/** A new container puts a damaged file of the last one aside. */
const startAfresh = async (context: LoopContext, session: HeldSession, reason: string): Promise<void> => {
  const { run } = session;
  if (run === null) return wake(context, session);
  context.log("container-stuck", { session: session.id, reason: "unreadable", forMs: null });
  await tellChat(context, session, {
    id: `unreadable-${session.id}-${run.incarnation}`,
    text: `The agent is started again: what it wrote cannot be read (${reason}).`,
    inReplyTo: null,
  });
  run.isAsked = true;
  await run.container.kill(context.times.graceMs);
};
