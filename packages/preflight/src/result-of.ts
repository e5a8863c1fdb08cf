import { explain } from "./verdict-messages.ts";
import type { Grant } from "./grants.ts";
import type { PlannedFolder } from "./plan.ts";
import { agentClis } from "./providers/agent-clis.ts";
import type { Diagnostic, PreflightResult, Timings } from "./report.ts";
import { codes, type Verdict } from "./verdict.ts";

export const noTimings: Timings = {
  lockWaitMs: 0,
  spawnToDialogMs: 0,
  decideMs: 0,
  commitMs: 0,
  settleMs: 0,
};

/** The facts of an attempt in which no dialog was answered. */
export const nothingPressed = { dialogs: [], keys: 0, isAnswered: false } as const;

/** The outcome of starting a CLI for a folder. Times in milliseconds. */
export type Attempt = {
  readonly verdict: Verdict;
  /** Trust was accepted, so the keys that the CLI recorded are checked again at the end. */
  readonly isAnswered: boolean;
  /** Rule ids of the known dialogs, in order. */
  readonly dialogs: readonly string[];
  /** How many keys were pressed. */
  readonly keys: number;
  /** Redacted and bounded; empty if nothing was drawn. */
  readonly screen: string;
  readonly timings: Timings;
  readonly durationMs: number;
  readonly diagnostics: readonly Diagnostic[];
  readonly recording?: string;
  /** Null if nothing was started. */
  readonly via: "control" | "dialog" | null;
  /** The folders' grants, by workspace, if they were read again. */
  readonly grants?: ReadonlyMap<string, readonly Grant[]>;
};

/** The CLI of a result: its version if known, and its path if it was named. */
export type StartedCli = { readonly version: string | null; readonly startedAs?: string | undefined };

/** Builds the result of a folder that was settled without starting anything, or of an attempt. */
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
    ...("consent" in verdict ? { consent: verdict.consent } : {}),
    ...(attempt?.dialogs.length ? { dialogs: attempt.dialogs, keys: attempt.keys } : {}),
    ...(shows && status !== "already-trusted" ? { screen: attempt.screen } : {}),
    ...(diagnostics.length === 0 ? {} : { diagnostics }),
    durationMs: Math.round(durationMs + (attempt?.durationMs ?? 0)),
    timings: timingsBy((name) => Math.round(attempt?.timings[name] ?? 0)),
    ...(attempt?.recording === undefined ? {} : { recording: attempt.recording }),
  };
};

/** Computes each of the times. */
const timingsBy = (timeOf: (name: keyof Timings) => number): Timings =>
  Object.fromEntries(
    (Object.keys(noTimings) as (keyof Timings)[]).map((name) => [name, timeOf(name)]),
  ) as Timings;

/** Combines a lost attempt and its repeat: the last one decides, and the times are added. */
export const repeated = (first: Attempt, second: Attempt): Attempt => ({
  ...second,
  isAnswered: first.isAnswered || second.isAnswered,
  dialogs: [...first.dialogs, ...second.dialogs],
  keys: first.keys + second.keys,
  timings: timingsBy((name) => first.timings[name] + second.timings[name]),
  durationMs: first.durationMs + second.durationMs,
  diagnostics: [...first.diagnostics, ...second.diagnostics],
});
