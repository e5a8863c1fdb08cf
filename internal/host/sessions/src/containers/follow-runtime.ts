import { noteOwners } from "@gatehouse/central-database";
import type { LoopContext } from "../context.ts";
import { activeSessions } from "../leased/session-facts.ts";
import { adoptRunning } from "./adopt.ts";
import { unlessClosing } from "./end-unowned.ts";

/**
 * Returns a function that looks at the runtime. Until the runtime has answered once, no container is adopted and none is
 * started; then `begin` is called. While no agent can start, messages wait, and the senders, the owners and the log are told
 * why. When agents can start again, the sessions try it at once.
 */
export const followRuntime = (context: LoopContext, begin: () => void): (() => Promise<void>) => {
  const { away, leased, phase, place } = context;
  const hasFailedStart = (): boolean => leased.all().some((session) => session.state().wake.failure !== null);
  return async () => {
    if (phase.is === "closing" || (phase.is === "running" && away.reason === null && !hasFailedStart()))
      return;
    let reason = await unlessClosing(context, place.problem);
    if (phase.is === "starting") {
      const adopted = await adoptRunning(context);
      if (!adopted.ok) reason ??= adopted.error;
      else if (isStarting(context)) {
        phase.is = "running";
        begin();
      }
    }
    if (!context.closing.aborted && reason !== away.reason) await changed(context, reason);
  };
};

/** Read again, because the host may close during a look. */
const isStarting = ({ phase }: LoopContext): boolean => phase.is === "starting";

const changed = async (context: LoopContext, reason: string | null): Promise<void> => {
  const { away, leased, log, report, now, central } = context;
  away.reason = reason;
  if (reason === null) {
    log("runtime-back", { runtime: context.place.name });
    for (const session of leased.all()) session.dispatch({ type: "configured" }).catch(report);
    return;
  }
  log("runtime-away", { runtime: context.place.name, reason });
  const at = now();
  // Once a day for each reason, also if the host or the engine is restarted often.
  const id = `runtime/${at.slice(0, 10)}/${reason}`;
  const text = `No agent of this host can start: ${reason} Messages are kept. The agents start by themselves once it is mended.`;
  await noteOwners(central.loop, [{ id, text, created_at: at }]);
  context.asked?.();
  if (context.isAlone && isStarting(context)) await tellAll(context);
};

/** Tells the senders of messages that wait since before this start. */
const tellAll = async ({ central, leased }: LoopContext): Promise<void> => {
  for (const id of await activeSessions(central.loop)) await (await leased.tryLease(id))?.reconcile();
};
