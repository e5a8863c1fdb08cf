import type { DriveResult } from "@trust/dialog-engine";
import type { Verdict } from "./verdict.ts";

/** The facts that decide the verdict beside the run's own result. */
export type RunFacts = {
  readonly trustKey: string;
  /** The CLI's state file. */
  readonly file: string;
  readonly timeoutMs: number;
  /** The confirming key was sent. */
  readonly hasConfirmed: boolean;
  /** The state trusts the folder after the run. */
  readonly isTrusted: boolean;
  /** The verdict if the CLI did not ask. */
  readonly unasked: "not-asked-unproven" | "not-asked";
  /** Unplanned keys that its answer recorded, or may have recorded. */
  readonly wider: readonly string[];
  /** Why we stopped the run instead of committing; null if we did not. */
  readonly refusal: Verdict | null;
};

/**
 * The state decides, not the screen. A run that confirmed has succeeded only if the CLI saved the trust, even if the
 * run ended badly.
 */
export const verdictOf = (result: DriveResult, facts: RunFacts): Verdict => {
  const { trustKey: key, file, hasConfirmed, refusal, wider } = facts;
  if (wider.length > 0) return { code: "trust-wider-than-planned", planned: key, keys: wider, file };
  if (facts.isTrusted) return { code: hasConfirmed ? "trusted" : "already-trusted-after-wait", key };
  if (refusal !== null) return refusal;
  if (result.outcome === "cancelled") return { code: "cancelled" };
  if (result.outcome === "exited") {
    const { exitCode, signal } = result;
    return { code: "cli-exited", exitCode, ...(signal === undefined ? {} : { signal }) };
  }
  if (hasConfirmed) return { code: "trust-not-persisted", reason: { type: "not-written" }, file };
  switch (result.outcome) {
    case "blocked": {
      const { code, dialog, consent } = result;
      return { code, dialog, ...(consent === undefined ? {} : { consent }) };
    }
    case "timeout":
      return { code: "timeout", limit: result.limit, timeoutMs: facts.timeoutMs };
    case "proven":
    case "ready":
    case "answered":
    case "ready-unproven":
      return facts.unasked === "not-asked"
        ? { code: "not-asked", why: "It reached its prompt without asking for trust." }
        : { code: "not-asked-unproven", key, file };
  }
};
