import {
  containerEnded,
  revokeTokens,
  startContainerRow,
  wantSession,
  type Workload,
} from "@gatehouse/session-rows";
import { pause } from "@gatehouse/fs-kit";
import { fail } from "@gatehouse/std";
import { exitOnce, type Container } from "@nc/container-runtime";
import type { AgentConnection, LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { sessionFacts } from "../leased/session-facts.ts";
import { watchRun } from "./container-exit.ts";
import { remoteReference } from "./left-workloads.ts";
import { projectTo } from "./projection.ts";

/** Wait between two tries to lease a session whose agent is connected here, ms. */
const againMs = 250;

/**
 * Leases the session of an agent that is connected to this host, because the host with the lease is the one
 * that learns of the agent's commits. The host that has the lease is asked to release the session, and its
 * workload runs on. Returns a function to call when the connection has ended.
 */
export const followConnection = (
  context: LoopContext,
  { sessionId, incarnation }: Workload,
  close: () => void,
): (() => void) => {
  const connection: AgentConnection = { incarnation, close };
  context.connected.set(sessionId, connection);
  const isOpen = (): boolean => context.connected.get(sessionId) === connection;
  if (!context.isAlone) leaseFor(context, sessionId, isOpen).catch(context.report);
  return () => {
    if (!isOpen()) return;
    context.connected.delete(sessionId);
    const session = context.leased.get(sessionId);
    if (session?.container?.reference === remoteReference) stopIfGone(context, session, incarnation);
  };
};

const leaseFor = async (context: LoopContext, sessionId: string, isOpen: () => boolean): Promise<void> => {
  for (; isOpen() && context.phase.is !== "closing"; await pause(againMs)) {
    // This host first adopts the workloads that it runs itself.
    if (context.phase.is === "starting") continue;
    const session = await context.leased.open(sessionId);
    if (session === null) return;
    if (session !== "leasedByOtherHost") return void (await resume(context, session));
    const { central, owner } = context;
    await wantSession(central.loop, { sessionId, owner, purpose: "connection" });
  }
};

/**
 * Continues with a session's workload if it runs on this host, or if its agent is connected to this host.
 * False otherwise.
 */
export const resume = async (context: LoopContext, session: LeasedSession): Promise<boolean> => {
  if (session.state().workload.is !== "none") return true;
  const left = context.left.get(session.id);
  const connection = context.connected.get(session.id);
  const incarnation = left?.label.incarnation ?? connection?.incarnation;
  if (incarnation === undefined || context.phase.is !== "running") return false;
  const facts = await sessionFacts(context.central.loop, session.id);
  if (
    facts === null ||
    facts.incarnation !== incarnation ||
    facts.containerStatus === "stopped" ||
    facts.exit !== null
  )
    return false;
  const projected = await projectTo(context, session, facts, incarnation);
  if (!projected.ok || session.state().workload.is !== "none") return false;
  context.left.delete(session.id);
  const container = left ?? remoteContainer(context, session, incarnation);
  context.log("container-followed", { session: session.id, incarnation, reference: container.reference });
  watchRun(context, session, container);
  return true;
};

/**
 * Raises the session's incarnation without starting a container, because a container of an earlier host may still
 * run where this host cannot stop it. That container sees the newer incarnation and exits. A host that starts
 * adopts its own running containers instead.
 */
export const supersede = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  const { loop: db } = context.central;
  if (context.isAlone || context.phase.is === "starting") return;
  const facts = await sessionFacts(db, session.id);
  if (facts === null || facts.containerStatus === "stopped") return;
  const row = await startContainerRow(db, session.lease, { generation: null, agent: null });
  if (!row.ok) return session.dispatch({ type: "lost", why: row.error.message });
  const { incarnation } = row.value;
  await revokeTokens(db, { sessionId: session.id, incarnation });
  const projected = await projectTo(context, session, facts, incarnation);
  if (!projected.ok) context.log("not-superseded", { session: session.id, reason: projected.error.message });
  await containerEnded(db, session.lease, { incarnation });
};

/**
 * A workload that another host runs. Once its token is revoked and its connection closed, it exits by itself.
 */
const remoteContainer = (context: LoopContext, session: LeasedSession, incarnation: number): Container => {
  const { id: sessionId, groupId, lease } = session;
  const exit = exitOnce();
  return {
    reference: remoteReference,
    label: { install: "", sessionId, groupId, incarnation, token: lease.token },
    pid: null,
    onExit: exit.onExit,
    // The agent's files are on the other host. It gets the new files at its next start.
    replaceFiles: async () => fail({ code: "unsupported", message: "Another host runs this agent." }),
    kill: async () => {
      await revokeTokens(context.central.loop, { sessionId, incarnation });
      context.connected.get(sessionId)?.close();
      exit.settle({ code: null, signal: null, lastLines: [] });
      return exit.ended;
    },
  };
};

/** An agent that another host runs is given up if it stays disconnected for this long. */
const stopIfGone = (context: LoopContext, session: LeasedSession, incarnation: number): void => {
  const timer = setTimeout(() => {
    const { workload } = session.state();
    if (workload.is !== "running" || workload.run.incarnation !== incarnation) return;
    if (context.connected.get(session.id)?.incarnation === incarnation) return;
    context.log("agent-gone", { session: session.id, incarnation, forMs: context.times.goneMs });
    session.dispatch({ type: "stop-asked" }).catch(context.report);
  }, context.times.goneMs);
  timer.unref();
};
