import { wantedSessions } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import { sessionFacts } from "../leased/session-facts.ts";
import { hasRun } from "../lifecycle/step.ts";
import { remoteReference } from "./left-workloads.ts";
import { passOn } from "./pass-on.ts";
import { stopContainer } from "./restart.ts";

/**
 * Looks at sessions to which somebody has written, and releases those that another host asks for. For a restart or a stop
 * their containers are stopped first; if the agent is connected to the other host, its container runs on.
 */
export const followWanted = async (context: LoopContext): Promise<void> => {
  const wanted = await wantedSessions(context.central.loop, context.owner);
  await Promise.all(
    wanted.map(async ({ id, purpose }) => {
      const session = context.leased.get(id);
      if (session === undefined || isOver(session)) return;
      if (purpose === "messages") return lookAtMessages(context, session);
      // A session whose container is starting has a newer agent than the one that is connected to the other host.
      if (purpose === "connection" && session.state().workload.is !== "running") return;
      if (purpose === "connection") return passOn(context, session);
      await session.dispatch({ type: "closing" });
      context.log("session-released", { session: id });
      await stopContainer(session);
      // If the other host does not lease it after all, any host continues with it.
      await context.leased.release(session, true);
    }),
  );
};

const lookAtMessages = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  // The agent is connected to this host.
  context.signals.signal(session.id, "agent");
  if (session.container?.reference === remoteReference) await followExit(context, session);
  void session.reconcile();
};

/** Reports the exit of a container that another host ran. */
const followExit = async ({ central, report }: LoopContext, session: LeasedSession): Promise<void> => {
  const { workload } = session.state();
  const facts = await sessionFacts(central.loop, session.id);
  if (facts === null || !hasRun(workload) || workload.run.incarnation !== facts.incarnation) return;
  // Not awaited: it ends with a pass over the session.
  if (facts.exit !== null) session.dispatch({ type: "exited", exit: facts.exit }).catch(report);
};
