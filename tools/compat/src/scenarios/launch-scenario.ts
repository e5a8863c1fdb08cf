import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";
import type { ExpectedResult } from "./scenario.ts";

/** Where a start ends if nobody presses a key: the composer, or the first dialog. */
export type Asks = "ready" | "trust" | "update" | "sign-in" | "provider" | "restricted";

export type ExpectedStart = { readonly folder: string; readonly asks: Asks };

export type LaunchExpected = {
  readonly exit: number;
  /** One row for each folder, in the order they were named. */
  readonly results: readonly ExpectedResult[];
  /** Names of environment variables in the report's launch; null where there is no launch. */
  readonly launchEnv: readonly string[] | null;
  /** Starts with the report's launch. */
  readonly told: readonly ExpectedStart[];
  /** Starts without it: what shows that the launch made the difference, or was not needed. */
  readonly untold: readonly ExpectedStart[];
};

/** One situation in which a CLI is told at launch which folders it may trust, and nothing is written. */
export type LaunchScenario = {
  readonly name: string;
  readonly why: string;
  /** Makes the profile and the folders. */
  readonly arrange: (box: Box) => void;
  /** As the user names them, relative to HOME. */
  readonly folders: readonly string[];
  readonly env?: (box: Box) => Readonly<Record<string, string>>;
  /** The user's own file that must stay as it is, relative to HOME; it need not be there. */
  readonly stateFile: string;
  readonly expect: ByVersion<LaunchExpected>;
};
