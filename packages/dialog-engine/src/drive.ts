import type { Consents } from "./consents.ts";
import type { Clock, Stop, Terminal } from "./ports.ts";
import type { RulePack } from "./rules/rule.ts";

export type Key = "enter" | "up" | "down" | "escape";

/** What happens during a run, in order, for progress lines and recordings. Times are milliseconds since its start. */
export type DriveEvent =
  | { readonly type: "output"; readonly at: number; readonly data: string }
  | { readonly type: "reply"; readonly at: number; readonly data: string }
  | {
      readonly type: "key";
      readonly at: number;
      readonly key: Key;
      readonly data: string;
      readonly ruleId: string;
    }
  | { readonly type: "dialog"; readonly at: number; readonly ruleId: string; readonly kind: string }
  | { readonly type: "note"; readonly at: number; readonly text: string };

/** Times in milliseconds. */
export type DriveLimits = {
  /** One phase: from one dialog (or the start) to the next. */
  readonly phaseMs: number;
  /** The whole run, not counting the wait in `beforeCommit`. */
  readonly totalMs: number;
};

export type DriveOptions = {
  readonly terminal: Terminal;
  readonly clock: Clock;
  readonly pack: RulePack;
  readonly consents: Consents;
  readonly limits?: Partial<DriveLimits>;
  /**
   * "proof": the run ends when `watchProof` reports, or when the program reaches its ready screen without having
   * asked ("ready-unproven"). "ready": dialogs are answered until the ready screen stands.
   */
  readonly until: "proof" | "ready";
  /** Starts watching for proof (state on disk); calls `onProven` once it is there. */
  readonly watchProof?: (onProven: () => void) => Stop;
  /** Awaited before the first confirming Enter on a trust dialog: a batch's turn to commit. The caller ends the turn. */
  readonly beforeCommit?: () => Promise<void>;
  readonly signal?: AbortSignal;
  readonly onEvent?: (event: DriveEvent) => void;
  /** Cells; what the terminal was opened with. Default 120 x 40. */
  readonly columns?: number;
  readonly rows?: number;
};

export type DriveBlockedCode =
  "sign-in-needed" | "no-connection" | "unknown-dialog" | "consent-needed" | "screen-reader-dialog";

/** The last screen, trailing blank space removed, one string a row. Not redacted. */
type Ended = {
  readonly screen: readonly string[];
  readonly keys: number;
  /** Rule ids in the order their dialogs were met. */
  readonly dialogs: readonly string[];
  readonly durationMs: number;
};

export type DriveResult = Ended &
  (
    | { readonly outcome: "proven" }
    | { readonly outcome: "ready" }
    | { readonly outcome: "ready-unproven" }
    | {
        readonly outcome: "blocked";
        readonly code: DriveBlockedCode;
        readonly dialog: string;
        readonly consent?: string;
      }
    | { readonly outcome: "exited"; readonly exitCode: number; readonly signal?: number }
    | { readonly outcome: "timeout"; readonly limit: "phase" | "total" }
    | { readonly outcome: "cancelled" }
  );
