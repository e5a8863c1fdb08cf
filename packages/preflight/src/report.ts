import type { Grant } from "./grants/grant.ts";
import type { Launch } from "./launch.ts";
import type { Via } from "./via.ts";
import type { Provider } from "./request.ts";
import { codes, type Code, type Status } from "./statuses.ts";

/** Where a folder's time went, in milliseconds; 0 where a stage was not reached. Summed over repeats. */
export type Timings = {
  /** Waiting for locks and for the folder's turn to commit: not counted against its timeout. */
  readonly lockWaitMs: number;
  /** From starting the CLI to its first dialog. */
  readonly spawnToDialogMs: number;
  /** From the first dialog to the pointer standing on the wanted option. */
  readonly decideMs: number;
  /** From the turn to trust on disk. */
  readonly commitMs: number;
  /** From trust on disk to the CLI's own lock gone and the CLI ended. */
  readonly settleMs: number;
};

/** Something worth knowing that did not decide the result. */
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
  | "control-not-used";

/** What became of one folder for one provider: one entry of `preflight --json`. */
export type PreflightResult = {
  /** As the caller named it, made absolute. */
  readonly workspace: string;
  readonly provider: Provider;
  /** Null where no CLI was found or its version was not to be had. */
  readonly cliVersion: string | null;
  readonly status: Status;
  readonly code: Code;
  /** What happened, to what; a person reads it. */
  readonly message: string;
  /** What to do, where something can be done. */
  readonly fix?: string;
  /** The folder whose entry in the CLI's state holds the trust; null where it could not be worked out. */
  readonly trustKey: string | null;
  /** How it was asked for. */
  readonly via: Via;
  /** Of `trust-wider-than-planned`: the keys that were recorded and that nobody named. */
  readonly unplannedKeys?: readonly string[];
  /** What the folder's own files pre-approve; null where they could not be read. */
  readonly grants: readonly Grant[] | null;
  /** Of `passed-at-launch`: what this folder's launch has to be given. */
  readonly launch?: Launch;
  /** The dialog that stands unanswered, by its rule's id. */
  readonly dialog?: string;
  /** The last screen, redacted, at most 8 KiB, one line a row. */
  readonly screen?: string;
  readonly diagnostics?: readonly Diagnostic[];
  readonly durationMs: number;
  readonly timings: Timings;
  /** The recording's path. */
  readonly recording?: string;
};

export type PreflightReport = {
  readonly ok: boolean;
  readonly results: readonly PreflightResult[];
  /**
   * Where folders are passed at launch: by provider, one launch for all of them together. A caller that starts a CLI for
   * several folders passes this one, since Codex obeys the last `-c projects=` only.
   */
  readonly launch?: { readonly [P in Provider]?: Launch };
};

/** The exit code of a whole batch: the first of 130, 1, 3, 0 that applies to any of its folders. */
export const exitCodeOf = (report: PreflightReport): number =>
  [130, 1, 3].find((exit) => report.results.some((result) => codes[result.code].exit === exit)) ?? 0;
