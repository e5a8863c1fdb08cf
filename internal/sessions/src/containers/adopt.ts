import { abandonedSessions, containerEnded } from "@gatehouse/control-plane";
import type { Container } from "@nc/container-runtime";
import { activeSessions, sessionFacts } from "../held/session-rows.ts";
import { watchRun } from "./container-end.ts";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { keepLeft } from "./left-workloads.ts";
import { projectionOf } from "./projection.ts";
import { releaseClaims } from "./release-claims.ts";

/** Goes on with the containers that an earlier host left, and ends those that nobody has a use for. */
export const adoptRunning = async (context: LoopContext): Promise<void> => {
  const running = await context.runtime.running();
  if (!running.ok) throw new Error(running.error.message);
  await Promise.all(running.value.map((container) => adoptOne(context, container)));
};

const adoptOne = async (context: LoopContext, container: Container): Promise<void> => {
  const { sessionId, incarnation } = container.label;
  const whose = await adopted(context, container);
  if (whose === "elsewhere") return keepLeft(context, sessionId, { container, incarnation });
  const { reference, pid } = container;
  const named = { session: sessionId, incarnation, reference, pid };
  context.log(whose === "ours" ? "container-adopted" : "container-reaped", named);
  // One that cannot be ended (its account's sudo rule is gone) keeps its record, and the host from nothing.
  if (whose === "nobody") await container.kill(0).catch(context.report);
};

/** Ours is the newest container of a session that is active, and that no other host leases. */
const adopted = async (
  context: LoopContext,
  container: Container,
): Promise<"ours" | "elsewhere" | "nobody"> => {
  const { sessionId, incarnation } = container.label;
  const session = await context.held.open(sessionId);
  if (session === null) return "nobody";
  const facts = await sessionFacts(context.central.beside, sessionId);
  if (facts === null || facts.incarnation !== incarnation) return "nobody";
  if (session === "elsewhere") return "elsewhere";
  if (session.state().workload.is !== "none") return "nobody";
  // The lease has a new token by now: the session's row learns it with this.
  const projected = await session.end.project(
    await projectionOf(context.central.beside, session, facts, incarnation),
  );
  if (!projected.ok) return "nobody";
  watchRun(context, session, { container, incarnation });
  return "ours";
};

/** Looks at every active session once: what a dead container left is due again, and what is due is woken. */
export const lookAtAll = async (context: LoopContext): Promise<void> => {
  for (const id of await activeSessions(context.central.beside)) {
    if (context.phase.is !== "running") return;
    await goOnWith(context, id);
  }
};

/**
 * Goes on with the sessions whose leases ran out: their host is gone, or stopped, or let them go with work. All are
 * held before the first one goes on, which may take its time.
 */
export const takeOverLost = async (context: LoopContext): Promise<void> => {
  const lost = await abandonedSessions(context.central.beside);
  // One of this host that ran out is lost first.
  const ofOthers = lost.filter((id) => context.held.get(id) === undefined && !isPassedOn(context, id));
  for (const id of ofOthers) context.log("session-taken-over", { session: id });
  await Promise.all(ofOthers.map((id) => context.held.tryHold(id)));
  for (const id of ofOthers) {
    if (context.phase.is === "closing") return;
    await goOnWith(context, id);
  }
};

/** Another host asked for it a moment ago, and takes it. */
const isPassedOn = ({ passedOn }: LoopContext, sessionId: string): boolean => {
  const until = passedOn.get(sessionId);
  if (until !== undefined && until <= Date.now()) passedOn.delete(sessionId);
  return passedOn.has(sessionId);
};

/** Ends what runs of sessions whose leases were lost. One that nobody took is taken anew, with what it left. */
export const takeAnew = async (context: LoopContext, lost: readonly HeldSession[]): Promise<void> => {
  const why = "it expired, or another host took it";
  await Promise.all(lost.map((session) => session.tell({ type: "lost", why })));
  for (const { id } of lost) await goOnWith(context, id);
};

/** Holds a session if it is to be had, accounts for a container of it that is gone, and looks at it. */
const goOnWith = async (context: LoopContext, sessionId: string): Promise<void> => {
  const session = await context.held.tryHold(sessionId);
  if (session === null) return;
  if (session.state().workload.is === "none") {
    const { beside: db } = context.central;
    await releaseClaims(context, session);
    const facts = await sessionFacts(db, sessionId);
    if (facts !== null) await containerEnded(db, session.lease, { incarnation: facts.incarnation });
  }
  await session.look();
};
