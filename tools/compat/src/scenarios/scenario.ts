import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";

/** How a CLI is asked for trust, as in `--via`. */
export type Via = "auto" | "control" | "dialog";

/** The rungs by which one scenario is run. */
export type Rungs =
  /** By the CLI's dialog, and over its control protocol if the version has one; with the same result. */
  | "both"
  /** By both; the row has the result that differs over the control protocol. */
  | { readonly byControl: ByVersion<Expected> }
  /** Only by the dialog, with the reason: the control protocol does not have the tested feature. */
  | { readonly dialogOnly: string }
  /** Once, on every version. */
  | { readonly once: Via };

/** The screen of the CLI, in words that do not depend on its version. */
export type Shown = "composer" | "trust" | "api-key" | "mcp" | "imports" | "nothing";

/** The expected result of one folder. Paths are relative to HOME, "" is HOME itself. */
export type ExpectedResult = {
  readonly status: string;
  readonly code: string;
  readonly trustKey: string | null;
  /** How trust was asked for. Default: the scenario's rung if the folder is newly trusted. */
  readonly via?: "control" | "dialog";
  /** `kind name`, in the order of the files. */
  readonly grants?: readonly string[];
};

export type Expected = {
  readonly exit: number;
  /** One row for each folder, in the order of the names. */
  readonly results: readonly ExpectedResult[];
  /** Every key that the CLI's state trusts afterwards; there may be no others. */
  readonly trusted: readonly string[];
  /** No program was started: the state file is the same, byte by byte. */
  readonly untouched?: true;
  /** A lock from before is left for the CLI to remove, and the CLI did not remove it. */
  readonly lockStays?: true;
  /** The CLI's screen after a plain start in each of the folders; null if that is not tested. */
  readonly afterwards: Shown | null;
};

/** One situation in which a folder is made ready, with all facts that must be true afterwards. */
export type Scenario = {
  readonly name: string;
  readonly why: string;
  /** It differs from `plain` in what the folder is called or where it lies: the oldest and the newest version are tried. */
  readonly isAboutFolder?: true;
  /** A HOME in which the CLI never ran, instead of a set-up profile. */
  readonly fresh?: true;
  /**
   * Creates the content of the folders. A command in them writes `ran`, which must not exist after preflight.
   */
  readonly arrange: (box: Box) => void;
  /** As the user names them, relative to HOME. */
  readonly folders: readonly string[];
  readonly env?: (box: Box) => Readonly<Record<string, string>>;
  /** Answers to dialogs other than trust, as `--consent` takes them. */
  readonly consents?: readonly string[];
  /** How the CLI is asked. Default: both. */
  readonly rungs?: Rungs;
  /**
   * Start the CLI also after the run over its control protocol. By default it is not started, since it
   * records the same as after its dialog.
   */
  readonly startAfterControl?: boolean;
  /** The folder of the CLI's state, if it is not in HOME. */
  readonly stateFolder?: string;
  /** How often preflight is run; the last run must give the result. */
  readonly runs?: number;
  readonly expect: ByVersion<Expected>;
};
