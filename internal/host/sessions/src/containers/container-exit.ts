import { containerEnded, revokeTokens, sessionState } from "@gatehouse/session-rows";
import type { Container } from "@nc/container-runtime";
import type { LoopContext } from "../context.ts";
import { tellEnds } from "../delivery/tell.ts";
import { isOver, type LeasedSession } from "../leased/leased-session.ts";
import type { Effect } from "../lifecycle/session-state.ts";
import { releaseClaims } from "./release-claims.ts";

/** Makes this the session's container, and reports its exit to the session. */
export const watchRun = (
  { now, report }: LoopContext,
  session: LeasedSession,
  container: Container,
): void => {
  session.container = container;
  const { incarnation } = container.label;
  session.dispatch({ type: "started", incarnation, startedAt: Date.parse(now()) }).catch(report);
  container.onExit((exit) => {
    session.dispatch({ type: "exited", exit }).catch(report);
  });
};

/**
 * Before another container starts, delivers the messages of this container, and makes the messages due again that it had
 * in work.
 */
export const accountForExit = async (
  context: LoopContext,
  session: LeasedSession,
  { run, isInterrupted, exit }: Extract<Effect, { readonly do: "account" }>,
): Promise<void> => {
  await bringUpToDate(context, session, run.incarnation, isInterrupted).catch(context.report);
  await session.dispatch({ type: "accounted", at: Date.parse(context.now()), exit });
};

const bringUpToDate = async (
  context: LoopContext,
  session: LeasedSession,
  incarnation: number,
  isInterrupted: boolean,
): Promise<void> => {
  await session.deliver();
  const read = await session.side.read(sessionState(context.now()));
  if (read.ok) {
    // A container that took a message has started. The retries of that message count its failures.
    if (read.value.ended.length + read.value.claims.length > 0) await session.dispatch({ type: "worked" });
    await tellEnds(context, session, read.value.ended);
  }
  await releaseClaims(context, session, isInterrupted ? "interrupted" : "agent-failed");
  if (isOver(session)) return;
  await revokeTokens(context.central.loop, { sessionId: session.id, incarnation });
  // A child process of the agent may still have the connection that the token opened.
  const connection = context.connected.get(session.id);
  if (connection?.incarnation === incarnation) connection.close();
  await containerEnded(context.central.loop, session.lease, { incarnation });
};
