import { explain } from "./explain/explain.ts";
import type { Grant } from "./grants/grant.ts";
import type { PlannedFolder } from "./plan.ts";
import { agentClis } from "./providers/agent-clis.ts";
import type { Diagnostic, PreflightResult, Timings } from "./report.ts";
import { codes } from "./statuses.ts";
import type { Verdict } from "./verdict.ts";

export const noTimings: Timings = {
  lockWaitMs: 0,
  spawnToDialogMs: 0,
  decideMs: 0,
  commitMs: 0,
  settleMs: 0,
};

/** What starting a CLI for a folder came to. Times in milliseconds. */
export type Attempt = {
  readonly verdict: Verdict;
  /** Redacted and bounded; empty where nothing was drawn. */
  readonly screen: string;
  readonly timings: Timings;
  readonly durationMs: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly recording?: string;
  /** Null where nothing was started. */
  readonly via: "control" | "dialog" | null;
  /** What the folders pre-approve, by workspace, where it was looked at again. */
  readonly grants?: ReadonlyMap<string, readonly Grant[]>;
};

/** The CLI that a result is about: its version, if that is known, and its path, where somebody named one. */
export type StartedCli = { readonly version: string | null; readonly startedAs?: string | undefined };

/** The result of a folder that was settled without starting anything, or of an attempt. */
export const resultOf = (
  folder: PlannedFolder,
  { version: cliVersion, startedAs }: StartedCli,
  verdict: Verdict,
  attempt?: Attempt,
  more: readonly Diagnostic[] = [],
): PreflightResult => {
  const { workspace, provider, trustKey, durationMs } = folder;
  const grants = attempt?.grants?.get(workspace) ?? folder.grants;
  const { status } = codes[verdict.code];
  const { message, fix } = explain(verdict, { workspace, cli: agentClis[provider], startedAs });
  const diagnostics = [...(attempt?.diagnostics ?? []), ...more];
  const shows = attempt !== undefined && attempt.screen !== "" && status !== "trusted";
  return {
    workspace,
    provider,
    cliVersion,
    status,
    code: verdict.code,
    message,
    ...(fix === undefined ? {} : { fix }),
    trustKey,
    via: attempt?.via ?? ("launch" in verdict ? "launch" : "none"),
    ...("keys" in verdict ? { unplannedKeys: verdict.keys } : {}),
    grants,
    ...("launch" in verdict ? { launch: verdict.launch } : {}),
    ...("dialog" in verdict ? { dialog: verdict.dialog } : {}),
    ...(shows && status !== "already-trusted" ? { screen: attempt.screen } : {}),
    ...(diagnostics.length === 0 ? {} : { diagnostics }),
    durationMs: Math.round(durationMs + (attempt?.durationMs ?? 0)),
    timings: rounded(attempt?.timings ?? noTimings),
    ...(attempt?.recording === undefined ? {} : { recording: attempt.recording }),
  };
};

const rounded = (timings: Timings): Timings => ({
  lockWaitMs: Math.round(timings.lockWaitMs),
  spawnToDialogMs: Math.round(timings.spawnToDialogMs),
  decideMs: Math.round(timings.decideMs),
  commitMs: Math.round(timings.commitMs),
  settleMs: Math.round(timings.settleMs),
});

/** A repeat after an attempt that was lost: the last one decides, the time is that of both. */
export const repeated = (first: Attempt, second: Attempt): Attempt => ({
  ...second,
  timings: {
    lockWaitMs: first.timings.lockWaitMs + second.timings.lockWaitMs,
    spawnToDialogMs: first.timings.spawnToDialogMs + second.timings.spawnToDialogMs,
    decideMs: first.timings.decideMs + second.timings.decideMs,
    commitMs: first.timings.commitMs + second.timings.commitMs,
    settleMs: first.timings.settleMs + second.timings.settleMs,
  },
  durationMs: first.durationMs + second.durationMs,
  diagnostics: [...first.diagnostics, ...second.diagnostics],
});
