import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";

/** What stands on the CLI's screen, in words that do not depend on its version. */
export type Shown = "composer" | "trust" | "api-key" | "mcp" | "imports" | "nothing";

/** What must become of one folder. Paths are relative to HOME, "" is HOME itself. */
export type ExpectedResult = {
  readonly status: string;
  readonly code: string;
  readonly trustKey: string | null;
  /** How the answer was given; not compared where it is left out. */
  readonly via?: "control" | "dialog" | null;
  /** `kind name`, in the order of the files. */
  readonly grants?: readonly string[];
};

export type Expected = {
  readonly exit: number;
  /** One row for each folder, in the order they were named. */
  readonly results: readonly ExpectedResult[];
  /** Every key that the CLI's state calls trusted afterwards; no other may be there. */
  readonly trusted: readonly string[];
  /** Nothing was started: the state file is the same, byte by byte. */
  readonly untouched?: true;
  /** A lock that stood before is the CLI's to remove, and it did not. */
  readonly lockStays?: true;
  /** What the CLI then shows, started plainly in each of the folders; null where that is not asked. */
  readonly afterwards: Shown | null;
};

/** One situation in which a folder is made ready, and everything that must be true when that is done. */
export type Scenario = {
  readonly name: string;
  readonly why: string;
  /** A HOME in which the CLI never ran, instead of a set-up profile. */
  readonly fresh?: true;
  /** Makes what the folders hold. A command in there writes `ran`, which must not be there after preflight. */
  readonly arrange: (box: Box) => void;
  /** As the user names them, relative to HOME. */
  readonly folders: readonly string[];
  readonly env?: (box: Box) => Readonly<Record<string, string>>;
  /** Answers to other dialogs than trust, as `--consent` takes them. */
  readonly consents?: readonly string[];
  /** How the CLI is asked; its dialog, if nothing is said. */
  readonly via?: "auto" | "dialog";
  /** Where the CLI keeps its state, if not in HOME. */
  readonly stateFolder?: string;
  /** Preflight is run this often; the last run must give the result. */
  readonly runs?: number;
  readonly expect: ByVersion<Expected>;
};
