import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";
import type { ExpectedResult } from "./scenario.ts";

/** The end of a start without any key: the composer, or the first dialog. */
export type Asks = "ready" | "trust" | "update" | "sign-in" | "provider" | "restricted";

/** Starts of the CLI without any key: by folder, relative to HOME, the screen at which each ends. */
export type ExpectedStarts = Readonly<Record<string, Asks>>;

export type LaunchExpected = {
  readonly exit: number;
  /** One row for each folder, in the order of the names. */
  readonly results: readonly ExpectedResult[];
  /** Names of environment variables in the report's launch; null if there is no launch. */
  readonly launchEnv: readonly string[] | null;
  /** Starts with the report's launch. */
  readonly withLaunch: ExpectedStarts;
  /** Starts without it, which show that the launch made the difference, or was not needed. */
  readonly withoutLaunch: ExpectedStarts;
};

/** One situation in which a CLI gets its trusted folders at launch, and nothing is written. */
export type LaunchScenario = {
  readonly name: string;
  readonly why: string;
  /** It differs from `plain` in the folder's name or place: the oldest and the newest version are tried. */
  readonly isAboutFolder?: true;
  /** Creates the profile and the folders. */
  readonly arrange: (box: Box) => void;
  /** As the user names them, relative to HOME. */
  readonly folders: readonly string[];
  readonly env?: (box: Box) => Readonly<Record<string, string>>;
  /** The user's own file that must not change, relative to HOME. It may be missing. */
  readonly stateFile: string;
  readonly expect: ByVersion<LaunchExpected>;
};

/** The CLI stops at the same screen in all of these folders. */
export const inAll = (folders: readonly string[], asks: Asks): ExpectedStarts =>
  Object.fromEntries(folders.map((folder) => [folder, asks]));
