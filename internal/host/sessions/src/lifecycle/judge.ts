import type { SessionState } from "@gatehouse/session-rows/messages";

/** A container without a heartbeat for this long is stuck, ms. */
const silenceMs = 1_800_000;

/** A container is stuck if it has a message in work for this long without a heartbeat since the claim, ms. */
const claimMs = 60_000;

export type Verdict =
  | { readonly isStuck: false }
  | { readonly isStuck: true; readonly reason: "silent" | "claim-without-life"; readonly forMs: number };

type Liveness = Pick<SessionState, "claims" | "tool"> & { readonly heartbeat: string | null };

/** A host that did nothing for this long was stopped, or its machine was suspended, ms. */
const breakMs = 10_000;

/**
 * Returns since when this process has run without a break, ms since the epoch. Call it often. After a break, the signs of life
 * that agents gave meanwhile are not read yet, so the time before says nothing about them.
 */
export const awakeClock = (now: () => number): (() => number) => {
  let [since, last] = [now(), now()];
  return () => {
    const at = now();
    if (at - last > breakMs) since = at;
    last = at;
    return since;
  };
};

/**
 * Whether a running container is stuck. A heartbeat from before the container's start belongs to an earlier
 * container and is ignored. A tool that declared a longer time widens both limits. Time before `awakeSince`, in which the
 * host did not run, does not count.
 */
export const judge = (
  { heartbeat, claims, tool }: Liveness,
  {
    now: at,
    startedAt,
    awakeSince,
  }: { readonly now: number; readonly startedAt: number; readonly awakeSince: number },
): Verdict => {
  const started = Math.max(startedAt, awakeSince);
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
