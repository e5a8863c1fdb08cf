import { setImmediate as nextTurn } from "node:timers/promises";
import { deleteEnded, removeExpired, sessionsWithRows } from "@gatehouse/session-rows";
import type { LoopContext } from "./context.ts";

/** Deletes messages that ended longer ago than this host keeps them. It yields to other work in between. */
export const forgetOldMessages = async (context: LoopContext): Promise<void> => {
  const { central, keepMessagesMs = null, phase, log } = context;
  await removeExpired(central.loop, context.now());
  if (keepMessagesMs === null) return;
  const before = new Date(Date.parse(context.now()) - keepMessagesMs).toISOString();
  let deleted = 0;
  for (const sessionId of await sessionsWithRows(central.loop)) {
    let some = 1;
    while (some > 0 && phase.is === "running") {
      some = await deleteEnded(central.loop, { sessionId, before });
      deleted += some;
      await nextTurn();
    }
  }
  if (deleted > 0) log("messages-deleted", { count: deleted, before });
};
