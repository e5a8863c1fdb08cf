import { wantedSessions } from "@gatehouse/control-plane";
import type { LoopContext } from "../context.ts";
import { isOver } from "../held/held-session.ts";
import { endContainer } from "./restart.ts";

/** Lets sessions go that another host asks for: it carries out a restart or a stop, so their containers end. */
export const letGoWanted = async (context: LoopContext): Promise<void> => {
  const { central, held, owner, log } = context;
  const wanted = await wantedSessions(central.db, owner);
  await Promise.all(
    wanted.map(async (id) => {
      const session = held.get(id);
      if (session === undefined || isOver(session)) return;
      await session.tell({ type: "closing" });
      log("session-let-go", { session: id });
      await endContainer(session);
      // If nobody takes it after all, one of us goes on with it.
      await held.letGo(session, true);
    }),
  );
};
