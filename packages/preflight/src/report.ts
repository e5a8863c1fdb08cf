import type { Grant } from "./grants.ts";
import { codes, type Launch, type Launches, type Code, type Status } from "./verdict.ts";
import type { Via, Provider } from "./request.ts";
import type { TrustProbe } from "@trust/claude-state-probe";

/** How a folder's time was spent, ms; 0 for a stage that was not reached. Summed over repeats. */
export type Timings = {
  /** Waiting for locks and for the folder's turn to commit; does not count against its timeout. */
  readonly lockWaitMs: number;
  /** From starting the CLI to its first dialog. */
  readonly spawnToDialogMs: number;
  /** From the first dialog until the pointer is on the wanted option. */
  readonly decideMs: number;
  /** From the turn to trust on disk. */
  readonly commitMs: number;
  /** From trust on disk until the CLI's own lock is gone and the CLI has ended. */
  readonly settleMs: number;
};

/** Useful information that did not decide the result. */
export type Diagnostic = { readonly code: DiagnosticCode; readonly message: string };
export type DiagnosticCode =
  | "stale-cli-lock"
  | "repeated"
  | "recording-failed"
  | "nearly-known-dialog"
  | "ledger-incomplete"
  | "lock-unavailable"
  | "launch-too-large"
  | "unplanned-key"
  | "keys-unread"
  | "cwd-unknown"
  | "unguarded"
  | "control-not-used"
  | "question-failed";

/** The version of the report and the events. It rises when a reader of the former one would misread them. */
export const reportVersion = 1;

/** The result of one folder for one provider. */
export type PreflightResult = {
  /** The caller's path, made absolute. */
  readonly workspace: string;
  readonly provider: Provider;
  /** Null if no CLI was found or its version is unknown. */
  readonly cliVersion: string | null;
  readonly status: Status;
  readonly code: Code;
  /** The event and its subject, as a sentence for a person. */
  readonly message: string;
  /** Advice, if anything can be done. */
  readonly fix?: string;
  /** The folder whose entry in the CLI's state holds the trust; null if it could not be determined. */
  readonly trustKey: string | null;
  /** The way in which trust was requested. */
  readonly via: Via;
  /** For `trust-wider-than-planned`: the recorded keys that were not named. */
  readonly unplannedKeys?: readonly string[];
  /** The grants in the folder's own files; null if they could not be read. */
  readonly grants: readonly Grant[] | null;
  /** For `passed-at-launch`: the arguments, settings and variables that this folder's launch needs. */
  readonly launch?: Launch;
  /** The rule id of the unanswered dialog. */
  readonly dialog?: string;
  /** For `consent-needed`: the consent that would answer it, or `persist`; missing if no consent would. */
  readonly consent?: string;
  /** Rule ids of the known dialogs that the CLI showed, in order; missing if there were none. */
  readonly dialogs?: readonly string[];
  /** How many keys were pressed on them. */
  readonly keys?: number;
  /** The last screen: redacted, at most 8 KiB, one line per row. */
  readonly screen?: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly durationMs: number;
  readonly timings: Timings;
  /** The recording's path. */
  readonly recording?: string;
};

export type PreflightReport = {
  readonly version: typeof reportVersion;
  readonly ok: boolean;
  readonly results: readonly PreflightResult[];
  /**
   * By provider, one launch for all folders that are passed at launch: for a caller that starts one CLI for
   * several folders, since Codex obeys only the last `-c projects=`.
   */
  readonly launch?: Launches;
};

/** The exit code of a whole batch: the first of 130, 1, 3, 0 that applies to any of its folders. */
export const exitCodeOf = (report: PreflightReport): number =>
  [130, 1, 3].find((exit) => report.results.some((result) => codes[result.code].exit === exit)) ?? 0;

/** The answer to "would the provider ask about this folder?", from its state alone. */
export type FolderStatus = Omit<TrustProbe, "code" | "file"> & {
  readonly workspace: string;
  readonly provider: Provider;
  /** For Claude Code the probe's own code; for the others the code that a preflight would report. */
  readonly code: TrustProbe["code"] | Code;
  /** Null if the provider keeps no such state. */
  readonly file: string | null;
  /** The grants in the folder's own files; null if they could not be read. */
  readonly grants: readonly Grant[] | null;
};

export type StatusReport = {
  readonly version: typeof reportVersion;
  readonly ok: boolean;
  readonly results: readonly FolderStatus[];
};

/** True if an agent that starts there without extra arguments reaches its prompt without asking for trust. */
export const isQuiet = ({ state, code }: FolderStatus): boolean =>
  state === "trusted" || code === "not-asked" || code === "not-needed";
