import type { LoopContext } from "./context.ts";
import { accountForEnds } from "./delivery/tell-ended.ts";
import { isOver, type HeldSession } from "./held/held-session.ts";
import { judge } from "./lifecycle/judge.ts";

/**
 * One look at a session: delivers what its agent wrote, takes over what it acknowledged, ends a container that
 * is stuck, and wakes one where something is due.
 */
export const lookOnce = async (context: LoopContext, session: HeldSession): Promise<void> => {
  if (isOver(session)) return;
  await session.tell({ type: "look-begun" });
  await session.deliver();
  if (isOver(session)) return;
  const read = await session.end.state(context.now());
  if (!read.ok) return session.tell({ type: "refused", at: Date.now(), error: read.error });
  await accountForEnds(context, session, read.value);
  const { sends, ends } = session.outbox;
  const seen = { ...read.value, ended: read.value.ended.length, waiting: sends.size + ends.length };
  await session.tell({ type: "seen", at: Date.now(), seen, mayStart: context.phase.is === "running" });
};

/**
 * Looks at a session if there may be anything to see. One whose container wrote nothing, works on nothing and
 * lives costs no query.
 */
export const lookIfChanged = async ({ now }: LoopContext, session: HeldSession): Promise<void> => {
  const { workload, hasWork, isWatched, unread } = session.state();
  const { mayHaveNews, heartbeat } = session.end.glance();
  if (!mayHaveNews && !hasWork && !isWatched && unread === 0) {
    if (workload.is !== "running") return;
    const seen = { heartbeat, claims: [], tool: null };
    if (!judge(seen, { now: Date.parse(now()), startedAt: workload.run.startedAt }).isStuck) return;
  }
  await session.look();
};
