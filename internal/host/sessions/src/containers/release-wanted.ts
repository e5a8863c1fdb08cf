import { wantedSessions } from "@gatehouse/session-rows";
import type { LoopContext } from "../context.ts";
import { isOver } from "../leased/leased-session.ts";
import { passOn } from "./pass-on.ts";
import { stopContainer } from "./restart.ts";

/**
 * Looks at sessions to which another host has written, and releases those that another host asks for. For a restart or a stop their containers are stopped first;
 * if the agent is connected to the other host, its container runs on.
 */
export const releaseWanted = async (context: LoopContext): Promise<void> => {
  const wanted = await wantedSessions(context.central.loop, context.owner);
  await Promise.all(
    wanted.map(async ({ id, purpose }) => {
      const session = context.leased.get(id);
      if (session === undefined || isOver(session)) return;
      if (purpose === "messages") {
        // The agent is connected to this host.
        context.signals.tell(id, "agent");
        return context.lookAt(id);
      }
      // A session whose container is starting has a newer agent than the one that is connected to the other host.
      if (purpose === "connection" && session.state().workload.is !== "running") return;
      if (purpose === "connection") return passOn(context, session);
      await session.tell({ type: "closing" });
      context.log("session-released", { session: id });
      await stopContainer(session);
      // If the other host does not lease it after all, any host continues with it.
      await context.leased.release(session, true);
    }),
  );
};
