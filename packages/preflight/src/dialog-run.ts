import { redactText, type DriveResult, type DriveEvent } from "@trust/dialog-engine";
import type { Verdict } from "./verdict.ts";
import type { Timings, Diagnostic } from "./report.ts";

/** The facts that decide the verdict besides the run's own result. */
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

/** The stages of one run, ms, from the engine's events. `startMs` is the time before the engine began. */
export const timingsFrom = (
  events: readonly DriveEvent[],
  { startMs, settleMs }: { readonly startMs: number; readonly settleMs: number },
): Timings => {
  const at = (holds: (event: DriveEvent) => boolean): number | undefined => events.find(holds)?.at;
  const dialog = at(({ type }) => type === "dialog");
  const asked = at((event) => event.type === "turn" && event.state === "asked");
  const taken = at((event) => event.type === "turn" && event.state === "taken");
  const end = at(({ type }) => type === "end");
  const between = (from: number | undefined, to: number | undefined): number =>
    from === undefined || to === undefined ? 0 : to - from;
  return {
    lockWaitMs: between(asked, taken ?? end),
    spawnToDialogMs: dialog === undefined ? 0 : startMs + dialog,
    decideMs: between(dialog, asked),
    commitMs: between(taken, end),
    settleMs,
  };
};

/** True if a confirming key was sent after the run got its turn. */
export const hasConfirmed = (events: readonly DriveEvent[]): boolean => {
  const taken = events.findIndex((event) => event.type === "turn" && event.state === "taken");
  return taken >= 0 && events.slice(taken).some((event) => event.type === "key" && event.key === "enter");
};

/** The known dialogs that an unknown one resembles, and the difference to each: usually a sentence that is new. */
export const nearDiagnostics = (
  result: DriveResult,
  { secrets, home }: { readonly secrets: readonly string[]; readonly home: string },
): readonly Diagnostic[] => {
  if (result.outcome !== "blocked") return [];
  return (result.near ?? []).map(({ ruleId, missing }) => ({
    code: "nearly-known-dialog",
    message: redactText(`It is nearly ${ruleId}: ${missing.join(", ")}.`, secrets, home),
  }));
};
