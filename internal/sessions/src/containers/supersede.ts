import { containerEnded, startContainerRow } from "@gatehouse/control-plane";
import { revokeTokens } from "@nc/session-db/node";
import type { LoopContext } from "../context.ts";
import type { HeldSession } from "../held/held-session.ts";
import { sessionFacts } from "../held/session-rows.ts";
import { projectionOf } from "./projection.ts";

/**
 * For a session that was another host's. The container that it started may still run, where this host cannot
 * reach it: one is counted up that is never started, and the old one sees that it is not the newest, and ends.
 * While a host starts, what runs is its own to adopt.
 */
export const supersede = async (context: LoopContext, session: HeldSession): Promise<void> => {
  const { beside: db } = context.central;
  if (context.isAlone || context.phase.is === "starting") return;
  const facts = await sessionFacts(db, session.id);
  if (facts === null || facts.containerStatus === "stopped") return;
  const row = await startContainerRow(db, session.lease, { image: null, generation: null });
  if (!row.ok) return session.tell({ type: "lost", why: row.error.message });
  const { incarnation } = row.value;
  await revokeTokens(context.central.rows, { sessionId: session.id, incarnation });
  const projected = await session.end.project(await projectionOf(db, session, facts, incarnation));
  if (!projected.ok) context.log("not-superseded", { session: session.id, reason: projected.error.message });
  await containerEnded(db, session.lease, { incarnation });
};
