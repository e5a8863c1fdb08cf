import { wantSession } from "@gatehouse/control-plane";
import { pause } from "@gatehouse/fs-kit";
import { fail } from "@gatehouse/std";
import type { Container, Exit } from "@nc/container-runtime";
import { revokeTokens, type Workload } from "@nc/session-db/node";
import type { Connection, LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { sessionFacts } from "../held/session-rows.ts";
import { watchRun } from "./container-end.ts";
import { remoteReference } from "./left-workloads.ts";
import { projectionOf } from "./projection.ts";

/** Between two tries to get the lease of a session whose agent is connected here, ms. */
const againMs = 250;

/**
 * Has this host lease the session of an agent that is connected to it: whoever holds it learns of what the agent
 * commits. The host that has the lease is asked to let the session go, and its workload runs on. Returns a function to
 * call when the connection has ended.
 */
export const followConnection = (
  context: LoopContext,
  { sessionId, incarnation }: Workload,
  close: () => void,
): (() => void) => {
  const connection: Connection = { incarnation, close };
  context.connected.set(sessionId, connection);
  const isOpen = (): boolean => context.connected.get(sessionId) === connection;
  if (!context.isAlone) leaseFor(context, sessionId, isOpen).catch(context.report);
  return () => {
    if (!isOpen()) return;
    context.connected.delete(sessionId);
    const session = context.held.get(sessionId);
    if (session?.container?.reference === remoteReference) stopIfGone(context, session, incarnation);
  };
};

const leaseFor = async (context: LoopContext, sessionId: string, isOpen: () => boolean): Promise<void> => {
  for (; isOpen() && context.phase.is !== "closing"; await pause(againMs)) {
    // What this host runs itself is adopted first.
    if (context.phase.is === "starting") continue;
    const session = await context.held.open(sessionId);
    if (session === null) return;
    if (session !== "elsewhere") return void (await resume(context, session));
    await wantSession(context.central.beside, sessionId, "connection");
  }
};

/**
 * Goes on with a session's workload where it runs on this host, or where its agent is connected to it. False if
 * neither is so.
 */
export const resume = async (context: LoopContext, session: HeldSession): Promise<boolean> => {
  if (session.state().workload.is !== "none") return true;
  const left = context.left.get(session.id);
  const connection = context.connected.get(session.id);
  const incarnation = left?.incarnation ?? connection?.incarnation;
  if (incarnation === undefined || context.phase.is !== "running") return false;
  const { beside: db } = context.central;
  const facts = await sessionFacts(db, session.id);
  if (facts === null || facts.incarnation !== incarnation || facts.containerStatus === "stopped")
    return false;
  const projected = await session.end.project(await projectionOf(db, session, facts, incarnation));
  if (!projected.ok || session.state().workload.is !== "none") return false;
  context.left.delete(session.id);
  const container = left?.container ?? remoteContainer(context, session, incarnation);
  context.log("container-followed", { session: session.id, incarnation, reference: container.reference });
  watchRun(context, session, { container, incarnation });
  return true;
};

/** A workload that another host runs. Without its token, and without a connection, it ends by itself. */
const remoteContainer = (context: LoopContext, session: HeldSession, incarnation: number): Container => {
  const { id: sessionId, groupId, lease } = session;
  const listeners = new Set<(exit: Exit) => void>();
  const exit: Exit = { code: null, signal: null, lastLines: [] };
  return {
    reference: remoteReference,
    label: { install: "", sessionId, groupId, incarnation, token: lease.token },
    pid: null,
    onExit: (listener) => void listeners.add(listener),
    // Its files are on that host: it has the new ones at its next start.
    replaceFiles: async () => fail({ code: "unsupported", message: "Another host runs this agent." }),
    kill: async () => {
      await revokeTokens(context.central.rows, { sessionId, incarnation });
      context.connected.get(sessionId)?.close();
      for (const listener of listeners) listener(exit);
      listeners.clear();
      return exit;
    },
  };
};

/** An agent that another host runs, and that dials nobody for so long, is given up. */
const stopIfGone = (context: LoopContext, session: HeldSession, incarnation: number): void => {
  const timer = setTimeout(() => {
    const { workload } = session.state();
    if (workload.is !== "running" || workload.run.incarnation !== incarnation) return;
    if (context.connected.get(session.id)?.incarnation === incarnation) return;
    context.log("agent-gone", { session: session.id, incarnation, forMs: context.times.goneMs });
    session.tell({ type: "stop-asked" }).catch(context.report);
  }, context.times.goneMs);
  timer.unref();
};
