import type { Code } from "@trust/preflight";

/**
 * The meaning of preflight's results for a launch. `ok` and `soft_failed`: the launch continues (the runtime's own gate
 * decides). `blocked` and `cancelled`: it ends before any agent is started. The spelling is the seed's.
 */
export type Outcome = "ok" | "soft_failed" | "blocked" | "cancelled";

/**
 * The outcome of each code. Blocked: a person must decide first, or the folder must not be trusted. Soft failed: our way
 * to trust failed, but the folder may be trusted anyway.
 */
export const outcomes: Readonly<Record<Code, Outcome>> = {
  trusted: "ok",
  "already-trusted": "ok",
  "already-trusted-after-wait": "ok",
  "covered-by-parent": "ok",
  "not-needed": "ok",
  "passed-at-launch": "ok",
  "not-asked": "ok",

  "not-a-folder": "blocked",
  "home-not-persistable": "blocked",
  "root-refused": "blocked",
  "key-outside-folder": "blocked",
  "untrusted-by-user": "blocked",
  "grants-refused": "blocked",
  "consent-needed": "blocked",
  "sign-in-needed": "blocked",
  "no-connection": "blocked",
  "trust-wider-than-planned": "blocked",

  "cli-not-found": "soft_failed",
  "cli-too-old": "soft_failed",
  "version-not-proven": "soft_failed",
  "pty-unavailable": "soft_failed",
  timeout: "soft_failed",
  "lock-timeout": "soft_failed",
  "trust-not-persisted": "soft_failed",
  "state-unreadable": "soft_failed",
  "cli-exited": "soft_failed",
  "unknown-dialog": "soft_failed",
  "screen-reader-dialog": "soft_failed",
  "not-asked-unproven": "soft_failed",
  "control-unavailable": "soft_failed",

  cancelled: "cancelled",
};

/** Worst first. A cancelled launch counts as no trust failure, regardless of its other results. */
const severity: readonly Outcome[] = ["cancelled", "blocked", "soft_failed", "ok"];

type Coded = { readonly code: Code };

const rank = ({ code }: Coded): number => severity.indexOf(outcomes[code]);

/** The results, worst first; results with the same outcome keep their order. */
export const worstFirst = <R extends Coded>(results: readonly R[]): readonly R[] =>
  [...results].sort((a, b) => rank(a) - rank(b));

/** The outcome of all results together: the worst one. Without results, `ok`. */
export const outcomeOf = (results: readonly Coded[]): Outcome => {
  const [worst] = worstFirst(results);
  return worst === undefined ? "ok" : outcomes[worst.code];
};
