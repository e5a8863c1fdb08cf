import { isolatedConfig } from "@gatehouse/workloads";
import { abandonedSessions, containerEnded } from "@gatehouse/session-rows";
import { fail, ok, type Result } from "@gatehouse/std";
import { explain, type Container } from "@nc/container-runtime";
import { activeSessions, sessionFacts } from "../leased/session-facts.ts";
import { endOne, unlessClosing } from "./end-unowned.ts";
import { watchRun } from "./container-exit.ts";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { keepLeft } from "./left-workloads.ts";
import { isPassedOn } from "./pass-on.ts";
import { projectTo } from "./projection.ts";
import { releaseClaims } from "./release-claims.ts";

/**
 * Adopts the containers that an earlier host left running, and kills those that no session needs any more. The error is a
 * sentence.
 */
export const adoptRunning = async (context: LoopContext): Promise<Result<null, string>> => {
  const running = await unlessClosing(context, () => context.place.left());
  if (running === null) return fail("The host is closing.");
  if (!running.ok) return fail(explain(running.error));
  const adopting = running.value.map((container) => adoptOne(context, container).catch(context.report));
  await Promise.all(adopting);
  return ok(null);
};

const adoptOne = async (context: LoopContext, container: Container): Promise<void> => {
  const whose = await adopted(context, container);
  if (whose === "leasedByOtherHost") return keepLeft(context, container);
  // If the kill fails (the account's sudo rule is gone), the container keeps its record, and the host still
  // starts.
  if (whose === "unowned") return endOne(context, container);
  const { reference, pid, label } = container;
  const { sessionId: session, incarnation } = label;
  context.log("container-adopted", { session, incarnation, reference, pid });
};

/** A container is ours if it is the newest of an active session that no other host leases. */
const adopted = async (
  context: LoopContext,
  container: Container,
): Promise<"ours" | "leasedByOtherHost" | "unowned"> => {
  const { sessionId, incarnation } = container.label;
  const session = await context.leased.open(sessionId);
  if (session === null) return "unowned";
  const facts = await sessionFacts(context.central.loop, sessionId);
  if (facts === null || facts.incarnation !== incarnation) return "unowned";
  if (session === "leasedByOtherHost") return "leasedByOtherHost";
  if (session.state().workload.is !== "none") return "unowned";
  // The isolation of the group may have been raised while its agent ran.
  if (!(await isolatedConfig(context, context.place, facts.group)).ok) return "unowned";
  // The new lease has a new token. This call writes it into the session's row.
  const projected = await projectTo(context, session, facts, incarnation);
  if (!projected.ok) return "unowned";
  watchRun(context, session, container);
  return "ours";
};

/**
 * Reconciles every active session once: messages of dead containers are due again, and due messages wake
 * containers.
 */
export const reconcileAll = async (context: LoopContext): Promise<void> => {
  for (const id of await activeSessions(context.central.loop)) {
    if (context.phase.is !== "running") return;
    await leaseAndReconcile(context, id).catch(context.report);
  }
};

/**
 * Takes over sessions whose leases expired: their host is gone or was stopped, or it released them with work.
 * All are leased before the first is reconciled, because that may take long.
 */
export const takeOverLost = async (context: LoopContext): Promise<void> => {
  const lost = await abandonedSessions(context.central.loop);
  const { takeOverRetries: retries } = context;
  retries.keep(lost);
  // An expired lease of this host itself is handled by the renewal, as lost.
  const ofOthers = lost.filter(
    (id) => context.leased.get(id) === undefined && !isPassedOn(context, id) && retries.isDue(id),
  );
  for (const id of ofOthers) context.log("session-taken-over", { session: id });
  // One session that cannot be read leaves the others to this host. Its lease is given back, for a later look.
  const later = (id: string, error: unknown): void => {
    context.report(error);
    retries.failed(id, error);
  };
  await Promise.all(
    ofOthers.map((id) => context.leased.tryLease(id).catch((error: unknown) => later(id, error))),
  );
  for (const id of ofOthers) {
    if (context.phase.is === "closing") return;
    // The agent of a session that was passed on meanwhile works at another host.
    const session = context.leased.get(id);
    if (session !== undefined)
      await beginReconciling(context, session).then(
        () => retries.succeeded(id),
        (error: unknown) => later(id, error),
      );
  }
};

/**
 * Writes nothing more for sessions whose leases were lost, and leaves their workloads to the next host. If no
 * other host has leased such a session, this one leases it again.
 */
export const leaseAgain = async (context: LoopContext, lost: readonly LeasedSession[]): Promise<void> => {
  const why = "it expired, or another host took it";
  await Promise.all(lost.map((session) => session.dispatch({ type: "lost", why })));
  for (const { id } of lost) await leaseAndReconcile(context, id).catch(context.report);
};

/**
 * Leases a session if possible, and reconciles it. If no agent of it runs any more, each message that the agent
 * had claimed counts one more try, and is due at once.
 */
export const leaseAndReconcile = async (context: LoopContext, sessionId: string): Promise<void> => {
  const session = await context.leased.tryLease(sessionId);
  if (session !== null) await beginReconciling(context, session);
};

/** If it fails beside other hosts, the lease is given back with its work, so that the next look begins anew. */
const beginReconciling = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  try {
    if (session.state().workload.is === "none") await endHostsGone(context, session);
  } catch (error) {
    if (!context.isAlone) await context.leased.release(session, true).catch(context.report);
    throw error;
  }
  await session.reconcile();
};

const endHostsGone = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const { loop: db } = context.central;
  await releaseClaims(context, session, "host-gone");
  const facts = await sessionFacts(db, session.id);
  if (facts !== null) await containerEnded(db, session.lease, { incarnation: facts.incarnation });
};
