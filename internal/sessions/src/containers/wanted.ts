import { wantedSessions } from "@gatehouse/control-plane";
import type { LoopContext } from "../context.ts";
import { isOver, type HeldSession } from "../held/held-session.ts";
import { endContainer } from "./restart.ts";

/** For so long a session that another host asked for is left to that one, ms. */
const passedOnMs = 5_000;

/**
 * Lets sessions go that another host asks for. For a restart or a stop their containers end first; where their agent is
 * connected to that host, it goes on.
 */
export const letGoWanted = async (context: LoopContext): Promise<void> => {
  const wanted = await wantedSessions(context.central.beside, context.owner);
  await Promise.all(
    wanted.map(async ({ id, purpose }) => {
      const session = context.held.get(id);
      if (session === undefined || isOver(session)) return;
      if (purpose === "connection") return passOn(context, session);
      await session.tell({ type: "closing" });
      context.log("session-let-go", { session: id });
      await endContainer(session);
      // If nobody takes it after all, one of us goes on with it.
      await context.held.letGo(session, true);
    }),
  );
};

/** One that starts has a newer agent than the one that is connected elsewhere. */
const passOn = async (context: LoopContext, session: HeldSession): Promise<void> => {
  if (session.state().workload.is !== "running") return;
  context.log("session-passed-on", { session: session.id });
  context.passedOn.set(session.id, Date.now() + passedOnMs);
  context.connected.get(session.id)?.close();
  await context.held.letGo(session, true);
};
