import { containerEnded, project, startContainerRow, revokeTokens } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { sessionFacts } from "../leased/session-facts.ts";
import { projectionOf } from "./projection.ts";

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
  await revokeTokens(context.central.loop, { sessionId: session.id, incarnation });
  const projected = await session.side.transact(project(await projectionOf(db, session, facts, incarnation)));
  if (!projected.ok) context.log("not-superseded", { session: session.id, reason: projected.error.message });
  await containerEnded(db, session.lease, { incarnation });
};
