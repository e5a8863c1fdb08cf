import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";
import type { Asks, ExpectedStart } from "./launch-scenario.ts";
import type { ExpectedResult } from "./scenario.ts";

/** What a CLI has on record: by folder, relative to HOME, the level as the CLI writes it; `trusted` where it has no levels. */
export type OnRecord = Readonly<Record<string, string>>;

export type AnsweredExpected = {
  readonly exit: number;
  /** One row for each folder, in the order they were named. */
  readonly results: readonly ExpectedResult[];
  /** All that is on record afterwards, and no more. */
  readonly recorded: OnRecord;
  /** Where the CLI then comes to a stop, started plainly and left alone. */
  readonly then: readonly ExpectedStart[];
};

/** One situation in which a CLI's own dialog is answered with `--persist`, or left alone without. */
export type AnsweredScenario = {
  readonly name: string;
  readonly why: string;
  /** Makes the profile and the folders. */
  readonly arrange: (box: Box) => void;
  /** As the user names them, relative to HOME. */
  readonly folders: readonly string[];
  /** Folders of a second preflight, a process of its own at the same time; its results stand behind the first one's. */
  readonly meanwhile?: readonly string[];
  readonly env?: (box: Box) => Readonly<Record<string, string>>;
  /** Where the CLI keeps its state, if not in its folder in HOME; relative to HOME. */
  readonly stateFolder?: string;
  /** Without `--persist`, so that nothing may be started. */
  readonly unasked?: true;
  readonly expect: ByVersion<AnsweredExpected>;
};

/** The folders were asked about and are trusted now, each under its key. */
export const nowTrusted = (
  keys: readonly string[],
  grants: readonly string[] = [],
): Pick<AnsweredExpected, "exit" | "results"> => ({
  exit: 0,
  results: keys.map((trustKey) => ({ status: "trusted", code: "trusted", trustKey, grants })),
});

/** Nothing was asked: this is what was there before. */
export const settled = (
  exit: number,
  status: string,
  code: string,
  trustKey: string,
): Pick<AnsweredExpected, "exit" | "results"> => ({ exit, results: [{ status, code, trustKey }] });

/** These folders, all with this level on record. */
export const recordedAs = (level: string, folders: readonly string[]): OnRecord =>
  Object.fromEntries(folders.map((folder) => [folder, level]));

/** These folders, in all of which the CLI then comes to a stop alike. */
export const thenAll = (asks: Asks, folders: readonly string[]): readonly ExpectedStart[] =>
  folders.map((folder) => ({ folder, asks }));

/** Several folders at once. */
export const four: readonly string[] = ["w/1", "w/2", "w/3", "w/4"];
