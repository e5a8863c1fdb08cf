import { databaseNow, fireDue, nextDue, settleRuns } from "@gatehouse/tasks/fire";
import type { LoopContext } from "./context.ts";

/**
 * Returns a look at the tasks: it fires what is due. If a task is due before the next pass over them, a timer calls `again` at
 * its time. The passes are for a machine that slept, for a clock that was set, and for the tasks of a host that died: a timer of
 * Node counts none of these.
 */
export const fireTasks = (context: LoopContext, again: () => void): (() => Promise<void>) => {
  const { central, closing, newId, owner, report, signals, times } = context;
  const firing = { db: central.loop, owner, id: newId };
  let timer: NodeJS.Timeout | undefined;
  closing.addEventListener("abort", () => clearTimeout(timer));
  return async () => {
    clearTimeout(timer);
    if (closing.aborted) return;
    const now = await databaseNow(central.loop);
    await settleRuns(firing, now);
    for (const { sessionId } of await fireDue(firing, now, report)) {
      signals.signal(sessionId, "agent");
      context.lookAt(sessionId);
    }
    // What is still due could not be fired: the next pass tries it again, and no other task waits for that.
    const next = await nextDue(central.loop, now);
    if (next === null || next - now >= times.tickMs || closing.aborted) return;
    timer = setTimeout(again, next - now);
    timer.unref();
  };
};
