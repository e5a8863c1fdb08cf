import { agentOfSession } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hasRun } from "../lifecycle/step.ts";

/**
 * Ends a running agent after its turn if its session, or the person of its session, has another provider or
 * model by now. The next message starts the agent with the new choice. Resolves after the pass over the session
 * that this causes.
 */
export const restartIfAgentChanged = async (
  context: Pick<LoopContext, "central">,
  session: LeasedSession,
): Promise<void> => {
  const incarnation = await changedRun(context, session);
  if (incarnation !== null) await session.tell({ type: "agent-changed", incarnation });
};

/**
 * The same for a workload that has just started. The pass is not awaited: the pass that has started the
 * workload waits for this, so the session would wait for itself.
 */
export const restartStartedIfAgentChanged = async (
  context: Pick<LoopContext, "central" | "report">,
  session: LeasedSession,
): Promise<void> => {
  const incarnation = await changedRun(context, session);
  if (incarnation !== null) session.tell({ type: "agent-changed", incarnation }).catch(context.report);
};

/** The incarnation of a running agent whose choice has changed since; null if there is none. */
const changedRun = async (
  { central: { loop: db } }: Pick<LoopContext, "central">,
  session: LeasedSession,
): Promise<number | null> => {
  const { workload } = session.state();
  if (!hasRun(workload)) return null;
  const agent = await agentOfSession(db, session.id);
  return agent?.hasAgentChanged === true ? workload.run.incarnation : null;
};
