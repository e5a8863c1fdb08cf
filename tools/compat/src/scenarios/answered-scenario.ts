import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";
import type { Asks, ExpectedStart } from "./launch-scenario.ts";
import type { ExpectedResult } from "./scenario.ts";

/**
 * A CLI's trust records: by folder, relative to HOME, the level as the CLI writes it; `trusted` if it has no
 * levels.
 */
export type OnRecord = Readonly<Record<string, string>>;

export type AnsweredExpected = {
  readonly exit: number;
  /** One row for each folder, in the order of the names. */
  readonly results: readonly ExpectedResult[];
  /** All records afterwards; there may be no others. */
  readonly recorded: OnRecord;
  /** The screens at which the CLI then stops, started plainly and without any key. */
  readonly then: readonly ExpectedStart[];
};

/** One situation in which a CLI's own dialog is answered with `--persist`, or left alone without. */
export type AnsweredScenario = {
  readonly name: string;
  readonly why: string;
  /** Creates the profile and the folders. */
  readonly arrange: (box: Box) => void;
  /** As the user names them, relative to HOME. */
  readonly folders: readonly string[];
  /**
   * Folders of a second preflight, in a separate process at the same time. Its results follow those of the
   * first.
   */
  readonly meanwhile?: readonly string[];
  readonly env?: (box: Box) => Readonly<Record<string, string>>;
  /** The folder of the CLI's state, if it is not the default one in HOME; relative to HOME. */
  readonly stateFolder?: string;
  /** As in `--via`; default `dialog`. */
  readonly via?: "auto";
  /** Without `--persist`, so no program may be started. */
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

/** Nothing was asked: the records were there before. */
export const settled = (
  exit: number,
  status: string,
  code: string,
  trustKey: string,
): Pick<AnsweredExpected, "exit" | "results"> => ({ exit, results: [{ status, code, trustKey }] });

/** These folders, all recorded with this level. */
export const recordedAs = (level: string, folders: readonly string[]): OnRecord =>
  Object.fromEntries(folders.map((folder) => [folder, level]));

/** These folders; the CLI stops at the same screen in all of them. */
export const thenAll = (asks: Asks, folders: readonly string[]): readonly ExpectedStart[] =>
  folders.map((folder) => ({ folder, asks }));

/** Several folders at once. */
export const four: readonly string[] = ["w/1", "w/2", "w/3", "w/4"];
