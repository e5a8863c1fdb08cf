import { sessionState } from "@gatehouse/session-rows";
import type { LoopContext } from "./context.ts";
import { tellEnds } from "./delivery/tell.ts";
import { tellWaiting } from "./containers/wake-failed.ts";
import { answerToolQuestions, withdrawToolsOf } from "./delivery/tool-questions.ts";
import { isOver, type LeasedSession, mayHaveWritten } from "./leased/leased-session.ts";
import { judge } from "./lifecycle/judge.ts";

/**
 * One pass over a session: delivers the agent's messages, processes its acknowledgements, stops a stuck
 * container, and wakes one if a message is due.
 */
export const reconcileSession = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  if (isOver(session)) return;
  await session.dispatch({ type: "reconcile-begun" });
  await session.deliver();
  if (isOver(session)) return;
  await answerToolQuestions(context, session);
  if (isOver(session)) return;
  session.hasUnread = false;
  const read = await session.side.read(sessionState(context.now()));
  if (!read.ok) {
    session.hasUnread = true;
    return session.dispatch({ type: "refused", at: Date.now(), error: read.error });
  }
  session.readTo = read.value.readTo;
  const { ended, incarnation } = read.value;
  if (ended.length > 0) await withdrawToolsOf(context, session, { messageIds: ended.map(({ id }) => id) });
  await tellEnds(context, session, ended);
  const waiting = session.outbox.sends.size + ended.filter(({ answer }) => answer === "waits").length;
  const heartbeat = session.side.heartbeat(incarnation);
  const seen = { ...read.value, heartbeat, ended: ended.length, waiting };
  const [awakeSince, mayStart] = [context.awakeSince(), context.phase.is === "running"];
  await session.dispatch({ type: "seen", at: Date.now(), awakeSince, seen, mayStart });
  const { phase, away, connected } = context;
  // An agent that still runs in its container answers by itself.
  if (phase.is !== "starting" || away.reason === null || read.value.due === 0 || connected.has(session.id))
    return;
  await tellWaiting(context, session, away.reason);
};

/**
 * Reconciles a session if something may have changed. If its container has written nothing, has nothing in
 * work and is alive, this costs no query, and ends the container if that is so for long.
 */
export const reconcileIfChanged = async (
  { now, awakeSince }: LoopContext,
  session: LeasedSession,
): Promise<void> => {
  const { workload, hasWork, isWatched, readFailures } = session.state();
  const isSeen = !mayHaveWritten(session) && !session.hasUnread;
  if (isSeen && !hasWork && !isWatched && readFailures === 0) {
    if (workload.is !== "running") return;
    const heartbeat = session.side.heartbeat(workload.run.incarnation);
    const seen = { heartbeat, claims: [], tool: null };
    const times = { now: Date.parse(now()), startedAt: workload.run.startedAt, awakeSince: awakeSince() };
    if (!judge(seen, times).isStuck) return session.dispatch({ type: "at-rest", at: Date.now() });
  }
  await session.reconcile();
};
