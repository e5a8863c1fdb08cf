import { containerEnded } from "@gatehouse/control-plane";
import type { Container } from "@nc/container-runtime";
import { revokeTokens } from "@nc/session-db/node";
import type { LoopContext } from "../context.ts";
import { accountForEnds } from "../delivery/tell-ended.ts";
import { isOver, type HeldSession } from "../held/held-session.ts";
import type { Effect } from "../lifecycle/session-state.ts";
import { releaseClaims } from "./release-claims.ts";

/** Makes this the session's container, and tells of its exit. */
export const watchRun = (
  { now, report }: LoopContext,
  session: HeldSession,
  { container, incarnation }: { readonly container: Container; readonly incarnation: number },
): void => {
  session.container = container;
  session.tell({ type: "started", incarnation, startedAt: Date.parse(now()) }).catch(report);
  container.onExit((exit) => {
    session.tell({ type: "exited", exit }).catch(report);
  });
};

/** What it wrote is delivered, and what it left in work is due again, before another is started. */
export const accountForExit = async (
  context: LoopContext,
  session: HeldSession,
  { run, isInterrupted, exit }: Extract<Effect, { readonly do: "account" }>,
): Promise<void> => {
  await bringUpToDate(context, session, run.incarnation, isInterrupted).catch(context.report);
  await session.tell({ type: "accounted", at: Date.parse(context.now()), exit });
};

const bringUpToDate = async (
  context: LoopContext,
  session: HeldSession,
  incarnation: number,
  isInterrupted: boolean,
): Promise<void> => {
  await session.deliver();
  const read = await session.end.state(context.now());
  if (read.ok) {
    // One that took a message has started. What it left of it is tried again, and counted there.
    if (read.value.ended.length + read.value.claims.length > 0) await session.tell({ type: "worked" });
    await accountForEnds(context, session, read.value);
  }
  await releaseClaims(context, session, isInterrupted);
  if (isOver(session)) return;
  await revokeTokens(context.central.rows, { sessionId: session.id, incarnation });
  // A child of the agent may have kept the connection of its token.
  const connection = context.connected.get(session.id);
  if (connection?.incarnation === incarnation) connection.close();
  await containerEnded(context.central.beside, session.lease, { incarnation });
};
