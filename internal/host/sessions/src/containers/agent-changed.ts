import { agentOfSession } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hasRun } from "../lifecycle/step.ts";

/**
 * The incarnation of a running agent whose session, or the person of its session, has another provider or model by now; null
 * if there is none. Tell the session `agent-changed`: the agent ends after its turn, and the next message starts the new one.
 */
export const changedRun = async (
  { central: { loop: db } }: Pick<LoopContext, "central">,
  session: LeasedSession,
): Promise<number | null> => {
  const { workload } = session.state();
  if (!hasRun(workload)) return null;
  const agent = await agentOfSession(db, session.id);
  return agent?.hasAgentChanged === true ? workload.run.incarnation : null;
};
