import type { Box } from "../box/box.ts";
import type { ByVersion } from "../clis/version.ts";
import type { ExpectedStarts } from "./launch-scenario.ts";
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
  /** Plain starts of the CLI afterwards. */
  readonly then: ExpectedStarts;
};

/** One situation in which a CLI's own dialog is answered with `--persist`, or left alone without. */
export type AnsweredScenario = {
  readonly name: string;
  readonly why: string;
  /** Creates the profile and the folders. */
  readonly arrange: (box: Box) => void;
  /** As the user names them, relative to HOME. */
  readonly folders: readonly string[];
  /** Folders of a second preflight in another process at the same time. Its results follow those of the first. */
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

/** The folders were asked about and are recorded now: each under its key, with this level. */
export const accepted =
  (level: string) =>
  (
    keys: readonly string[],
    then: ExpectedStarts = {},
    { grants = [], earlier = {} }: { grants?: readonly string[]; earlier?: OnRecord } = {},
  ): AnsweredExpected => ({
    exit: 0,
    results: keys.map((trustKey) => ({ status: "trusted", code: "trusted", trustKey, grants })),
    recorded: { ...Object.fromEntries(keys.map((key) => [key, level])), ...earlier },
    then,
  });

/** The user has refused the folder: nothing was asked, and the records are as before. */
export const refusedByUser = (
  folder: string,
  recorded: OnRecord,
  then: ExpectedStarts = {},
): AnsweredExpected => ({
  exit: 1,
  results: [{ status: "blocked", code: "untrusted-by-user", trustKey: folder }],
  recorded,
  then,
});

/** Several folders at once. */
export const four: readonly string[] = ["w/1", "w/2", "w/3", "w/4"];

/** For a CLI whose trust cannot be passed at launch. */
export const withoutPersist: AnsweredScenario = {
  name: "without-persist",
  why: "Trust cannot be passed at launch, and without --persist nothing is started; then it asks.",
  unasked: true,
  arrange: (box) => void box.folder("w/plain"),
  folders: ["w/plain"],
  expect: [
    {
      is: {
        exit: 3,
        results: [{ status: "blocked", code: "consent-needed", trustKey: "w/plain" }],
        recorded: {},
        then: { "w/plain": "trust" },
      },
    },
  ],
};
