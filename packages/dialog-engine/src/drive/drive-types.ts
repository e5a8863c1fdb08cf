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
  /** The whole run. Time spent waiting for a turn to commit, or for an answer of the caller, counts in neither. */
  readonly totalMs: number;
  /** How long a blank screen counts in neither limit, per run. Default: 0; without `limits`, the pack's. */
  readonly blankMs?: number;
};

export type DriveOptions<Kind extends string = ConsentKind> = {
  /** Has `columns` x `rows` cells (default 120 x 40). Only this run may read it. */
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
   * "proof": the run ends when `watchProof` reports, or as "ready-unproven" when the program reaches its composer
   * without a question. "ready": dialogs are answered until the composer is shown. "answered": also for programs
   * without a composer, which continue or exit with 0 after their questions.
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
   * Asks the caller about a dialog that lacks a consent and that an answer could resolve; without it the run ends as
   * `consent-needed`. The answer counts only for this question, and only while the question is on the screen. The
   * run keeps reading the screen meanwhile.
   */
  readonly onQuestion?: AskCaller<Kind>;
  /** No key is sent after an abort. */
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
   * Only with `until: "answered"`: a question was confirmed, and then no other one came for the pack's
   * `readyStandsMs`, or the program exited with 0.
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
      /** For an unknown dialog: the rules that nearly match, and the parts that do not match. Not redacted. */
      readonly near?: readonly NearMiss[];
    }
  | { readonly outcome: "exited"; readonly exitCode: number; readonly signal?: number }
  | { readonly outcome: "timeout"; readonly limit: "phase" | "total" };

/** How a run ended, and what the screen showed then (not redacted). The program is left running. */
export type DriveResult<Kind extends string = ConsentKind> = DriveEnding<Kind> & {
  readonly screen: readonly string[];
  /** Ids of the dialogs that were shown, in order. */
  readonly dialogs: readonly string[];
  /** How many keys were sent. */
  readonly keys: number;
  readonly durationMs: number;
};
