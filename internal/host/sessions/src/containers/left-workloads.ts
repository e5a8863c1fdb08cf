import type { Exit } from "@nc/container-runtime";
import { leftContainerExited, revokeTokens } from "@gatehouse/session-rows";
import type { LeftWorkload, LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { hasRun } from "../lifecycle/step.ts";

/**
 * Leaves the workload of a lost or released session running, so that the next host may adopt it. A workload
 * that is not the session's newest is killed.
 */
export const leaveWorkload = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const { workload } = session.state();
  if (session.container === null || !hasRun(workload)) return;
  keepLeft(context, session.id, { container: session.container, incarnation: workload.run.incarnation });
  await killSuperseded(context).catch(context.report);
};

/** Watches a workload of a session that another host leases, and reports its exit to that host. */
export const keepLeft = (context: LoopContext, sessionId: string, left: LeftWorkload): void => {
  const { reference } = left.container;
  // Another host runs it and watches it itself.
  if (reference === remoteReference) return;
  context.left.set(sessionId, left);
  context.log("container-left", { session: sessionId, incarnation: left.incarnation, reference });
  left.container.onExit((exit) => {
    if (context.left.get(sessionId) !== left) return;
    context.left.delete(sessionId);
    tellLeaseHost(context, sessionId, left.incarnation, exit).catch(context.report);
  });
};

/** The reference of a workload that another host runs. */
export const remoteReference = "remote";

const tellLeaseHost = async (
  context: LoopContext,
  sessionId: string,
  incarnation: number,
  exit: Exit,
): Promise<void> => {
  const { code, signal } = exit;
  context.log("container-ended", { session: sessionId, incarnation, code, signal });
  await revokeTokens(context.central.loop, { sessionId, incarnation });
  await leftContainerExited(context.central.loop, { sessionId, incarnation, exit: { code, signal } });
};

/** Kills left workloads whose session has a newer one, is closed or is gone. */
export const killSuperseded = async (context: LoopContext): Promise<void> => {
  const { left, central, report } = context;
  if (left.size === 0) return;
  const rows = await central.loop
    .selectFrom("sessions")
    .select(["id", "incarnation"])
    .where("status", "=", "active")
    .where("id", "in", [...left.keys()])
    .execute();
  const newest = new Map(rows.map(({ id, incarnation }) => [id, incarnation]));
  const over = [...left].filter(([id, { incarnation }]) => newest.get(id) !== incarnation);
  await Promise.all(
    over.map(async ([id, one]) => {
      await one.container.kill(0).catch(report);
      if (left.get(id) === one) left.delete(id);
    }),
  );
};
