import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";

/** How long this host does not lease a session again that it passed on to another host, ms. */
const passedOnMs = 5_000;

/** Gives a session with its work to the host that its agent or its machine is connected to. */
export const passOn = async (context: LoopContext, session: LeasedSession): Promise<void> => {
  context.log("session-passed-on", { session: session.id });
  context.passedOn.set(session.id, performance.now() + passedOnMs);
  context.connected.get(session.id)?.close();
  await context.leased.release(session, true);
};

/** Whether this host passed a session on a moment ago: another one is about to lease it. */
export const isPassedOn = ({ passedOn }: LoopContext, sessionId: string): boolean => {
  const until = passedOn.get(sessionId);
  if (until !== undefined && until <= performance.now()) passedOn.delete(sessionId);
  return passedOn.has(sessionId);
};
