import type { DriveResult } from "@trust/dialog-engine";
import type { Verdict } from "./verdict.ts";

/** What a run is judged with beside its own result. */
export type RunFacts = {
  readonly trustKey: string;
  /** The CLI's state file. */
  readonly file: string;
  readonly timeoutMs: number;
  /** The confirming key was sent. */
  readonly hasConfirmed: boolean;
  /** What the state says after the run. */
  readonly isTrusted: boolean;
  /** What it means that it did not ask. */
  readonly unasked: "not-asked-unproven" | "not-asked";
  /** Keys that its answer recorded, or may have, and that nobody planned. */
  readonly wider: readonly string[];
  /** Why the commit was not made, where it was us who stopped the run. */
  readonly refusal: Verdict | null;
};

/** State decides, not looks: a run that confirmed has done so only if the CLI wrote it down, and a run that ended badly after it did has succeeded. */
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
    case "ready-unproven":
      return facts.unasked === "not-asked"
        ? { code: "not-asked", why: "It reached its prompt without asking for trust." }
        : { code: "not-asked-unproven", key, file };
  }
};
