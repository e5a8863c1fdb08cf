import type { LoopContext } from "../context.ts";
import type { LeasedSession } from "../leased/leased-session.ts";
import { accountForExit } from "../containers/container-exit.ts";
import { tellFailedWake } from "../containers/wake-failed.ts";
import { leaveWorkload } from "../containers/left-workloads.ts";
import { startWorkload } from "../containers/wake.ts";
import type { Effect } from "./session-state.ts";

/** Performs one effect of a session's event. `close` is performed by `leasedSessions`. */
export const perform = async (
  context: LoopContext,
  session: LeasedSession,
  effect: Exclude<Effect, { readonly do: "close" }>,
): Promise<void> => {
  switch (effect.do) {
    case "start":
      return startWorkload(context, session);
    case "kill":
      return kill(context, session, effect.isGraceful);
    case "leave":
      return leaveWorkload(context, session);
    case "account":
      return accountForExit(context, session, effect);
    case "reconcile":
      return session.reconcile();
    case "reconcile-at":
      return session.schedule.at(effect.at);
    case "tell-failed-wake":
      return tellFailedWake(context, session, effect);
    case "log":
      return context.log(effect.event, { session: session.id, ...effect.fields });
  }
};

/**
 * The caller that asked for a graceful stop gets the error if the stop is impossible, for example without the
 * account's sudo rule.
 */
const kill = async (
  { times, report }: LoopContext,
  { container }: LeasedSession,
  isGraceful: boolean,
): Promise<void> => {
  if (isGraceful) await container?.kill(times.graceMs);
  else await container?.kill(0).catch(report);
};
