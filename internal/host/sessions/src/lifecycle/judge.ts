import { longestWaitMs } from "@gatehouse/session-rows";
import type { SessionState } from "@gatehouse/session-rows/messages";

/** A container without a heartbeat for this long is stuck, ms. */
const silenceMs = 1_800_000;

/** A container is stuck if it has a message in work for this long without a heartbeat since the claim, ms. */
const claimMs = 60_000;

export type Verdict =
  | { readonly isStuck: false }
  | { readonly isStuck: true; readonly reason: "silent" | "claim-without-life"; readonly forMs: number };

type Liveness = Pick<SessionState, "heartbeat" | "claims" | "tool">;

/**
 * Whether a running container is stuck. A heartbeat from before the container's start belongs to an earlier
 * container and is ignored. A tool that declared a longer time widens both limits.
 */
export const judge = (
  { heartbeat, claims, tool }: Liveness,
  { now: at, startedAt: started }: { readonly now: number; readonly startedAt: number },
): Verdict => {
  const sign = Math.max(started, heartbeat === null ? 0 : Date.parse(heartbeat));
  const declared = tool?.timeoutMs ?? 0;
  if (at - sign > Math.max(silenceMs, declared)) return { isStuck: true, reason: "silent", forMs: at - sign };
  for (const claim of claims) {
    const since = Math.max(started, Date.parse(claim.since));
    const forMs = at - since;
    if (forMs > Math.max(claimMs, declared) && sign <= since)
      return { isStuck: true, reason: "claim-without-life", forMs };
  }
  return { isStuck: false };
};

/** How many containers may fail on a message. After that it has failed. */
export const maxTries = 5;

/** The wait after the `count`-th failure in a row, ms. It doubles each time. */
export const backoffMs = (firstMs: number, count: number): number =>
  Math.min(firstMs * 2 ** (count - 1), longestWaitMs);
