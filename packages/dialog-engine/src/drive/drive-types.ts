import type { ConsentKind, Consents } from "../consents.ts";
import type { Key } from "./keys.ts";
import type { NearMiss } from "../rules/observe.ts";
import type { Clock, Stop, Terminal } from "../ports.ts";
import type { AskCaller } from "./questions.ts";
import type { DriveBlockedCode, RulePack } from "../rules/rule.ts";
import type { StartedFolder } from "../wording/shown-folder.ts";

/**
 * The events of a run, in order, for progress lines and recordings. `at`: milliseconds since the run's start.
 */
export type DriveEvent =
  | { readonly type: "output"; readonly at: number; readonly data: string }
  | { readonly type: "reply"; readonly at: number; readonly data: string }
  | { readonly type: "dialog"; readonly at: number; readonly dialog: string }
  /** The screen has been blank for 3 s. */
  | { readonly type: "blank"; readonly at: number }
  | { readonly type: "turn"; readonly at: number; readonly state: "asked" | "taken" }
  /** Reported right before the key is sent: an abort in the listener prevents the key. */
  | {
      readonly type: "key";
      readonly at: number;
      readonly key: Key;
      readonly data: string;
      readonly dialog: string;
      readonly why: string;
    }
  | { readonly type: "end"; readonly at: number; readonly outcome: string };

/** Limits in milliseconds. */
export type DriveLimits = {
  /** One phase: from one dialog (or the start) to the next. */
  readonly phaseMs: number;
  /** The whole run. Waiting for a turn to commit counts in neither, nor does a question to the caller. */
  readonly totalMs: number;
  /** For how long of a run a blank screen counts in neither. Default: 0; without any limits, the pack's. */
  readonly blankMs?: number;
};

export type DriveOptions<Kind extends string = ConsentKind> = {
  /** Opened with `columns` x `rows` cells (default 120 x 40), and not read by anyone else yet. */
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly pack: RulePack<Kind>;
  readonly consents: Consents<Kind>;
  /**
   * The folder that the program was started in. A dialog that names a folder is answered only if it names
   * this one. Without this option such a dialog is never answered.
   */
  readonly folder?: StartedFolder;
  readonly limits?: Partial<DriveLimits>;
  /**
   * "proof": the run ends when `watchProof` reports, or as "ready-unproven" when the program reaches its
   * composer without having asked. "ready": dialogs are answered until the composer is shown. "answered":
   * also for programs without a composer, which go on or exit with 0 after their questions.
   */
  readonly until: "proof" | "ready" | "answered";
  /** Starts watching for proof (the program's state on disk) and calls `onProven` once the proof exists. */
  readonly watchProof?: (onProven: () => void) => Stop;
  /**
   * Awaited before the first Enter that confirms trust: a batch's turn to commit. The caller ends the turn
   * when it has its proof. If it rejects, the run ends as cancelled.
   */
  readonly beforeCommit?: () => Promise<void>;
  /**
   * Puts a dialog to somebody that would end the run as `consent-needed` and that a consent would answer. The
   * answer counts for this very question, and only while it is on the screen. Meanwhile the run goes on looking.
   */
  readonly onQuestion?: AskCaller<Kind>;
  /** After an abort no key is sent. */
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: DriveEvent) => void;
  readonly columns?: number;
  readonly rows?: number;
};

export type DriveEnding<Kind extends string = ConsentKind> =
  | { readonly outcome: "proven" }
  | { readonly outcome: "ready" }
  | { readonly outcome: "ready-unproven" }
  /**
   * Only `until: "answered"`: a question was confirmed, and none came for the pack's `readyStandsMs`, or the
   * program has exited with 0.
   */
  | { readonly outcome: "answered" }
  | { readonly outcome: "cancelled" }
  | {
      readonly outcome: "blocked";
      readonly code: DriveBlockedCode;
      readonly dialog: string;
      readonly consent?: Kind;
      /** The answers of this consent that the dialog offers. */
      readonly answers?: readonly string[];
      /** For an unknown dialog: the rules that nearly match, and what they lack. Not redacted. */
      readonly near?: readonly NearMiss[];
    }
  | { readonly outcome: "exited"; readonly exitCode: number; readonly signal?: number }
  | { readonly outcome: "timeout"; readonly limit: "phase" | "total" };

/** How a run ended, and what the screen showed then (not redacted). The program is left running. */
export type DriveResult<Kind extends string = ConsentKind> = DriveEnding<Kind> & {
  readonly screen: readonly string[];
  /** Ids of the dialogs that were met, in order. */
  readonly dialogs: readonly string[];
  /** How many keys were sent. */
  readonly keys: number;
  readonly durationMs: number;
};
