import type { Container, Exit } from "@nc/container-runtime";
import { leftContainerExited, revokeTokens } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hasRun } from "../lifecycle/step.ts";
import { outdatedOf } from "./end-unowned.ts";

/**
 * Leaves the workload of a lost or released session running, so that the next host may adopt it. A workload
 * that is not the session's newest is killed.
 */
export const leaveWorkload = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  if (session.container === null || !hasRun(session.state().workload)) return;
  keepLeft(context, session.container);
  await killSuperseded(context).catch(context.report);
};

/** Watches a container of a session that another host leases, and reports its exit to that host. */
export const keepLeft = (context: LoopContext, container: Container): void => {
  const { reference, label } = container;
  // Another host runs it and watches it itself.
  if (reference === remoteReference) return;
  const { sessionId: session, incarnation } = label;
  context.left.set(session, container);
  context.log("container-left", { session, incarnation, reference });
  container.onExit((exit) => {
    if (context.left.get(session) !== container) return;
    context.left.delete(session);
    tellLeaseHost(context, label, exit).catch(context.report);
  });
};

/** The reference of a workload that another host runs. */
export const remoteReference = "remote";

const tellLeaseHost = async (
  { central: { loop: db }, log }: LoopContext,
  { sessionId, incarnation }: Container["label"],
  { code, signal }: Exit,
): Promise<void> => {
  log("container-ended", { session: sessionId, incarnation, code, signal });
  await revokeTokens(db, { sessionId, incarnation });
  await leftContainerExited(db, { sessionId, incarnation, exit: { code, signal } });
};

/** Kills left containers whose session has a newer one, is closed or is gone. */
export const killSuperseded = async (context: LoopContext): Promise<void> => {
  const { left, report } = context;
  const outdated = await outdatedOf(context, [...left.values()]);
  await Promise.all(
    outdated.map(async (container) => {
      const { sessionId } = container.label;
      await container.kill(0).catch(report);
      if (left.get(sessionId) === container) left.delete(sessionId);
    }),
  );
};
