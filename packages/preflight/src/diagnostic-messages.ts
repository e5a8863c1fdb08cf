import type { Diagnostic } from "./report.ts";

export const seconds = (milliseconds: number): string => `${Math.round(milliseconds / 100) / 10} s`;

// About the checks around an answer: for diagnostics, and for the `why` of `key-outside-folder`.

/** New keys that are unrelated to the folder. */
export const unplannedKey = (keys: readonly string[]): string =>
  `${keys.join(", ")} became trusted too while this folder was confirmed: it was not named here, and another session may have asked.`;

/** The state could not be read again after the answer. */
export const unreadKeys = (detail: string): string => `The other recorded keys could not be read: ${detail}`;

/** The system has neither /proc nor lsof. */
export const unknownCwd =
  "This system does not report the folder in which a program works, so it was not compared before the answer.";

/** Why a key does not belong to the folder. `doubt` is a sentence. */
export const whyOutside = (key: string | null, doubt: string): string =>
  key === null
    ? doubt
    : `it would be recorded for ${key}, and nothing shows that this is the folder's own repository. ${doubt}`;

export const replacedByPath = (real: string, key: string): string =>
  `Since it was planned it became ${real}, trust key ${key}.`;

export const replacedInPlace = "Since it was planned another folder took its place.";

export const repointed = (key: string): string =>
  `Since it was planned its .git entries, or those above it, became others (trust key ${key}).`;

/** A process wrote in the folder while the program started, so the key may have been another one for a moment. */
export const folderChanging =
  "Entries of the folder, or of its repository, were made, renamed or removed while the program started. Repeat it while nothing writes there.";

export const inWrongFolder = (path: string): string =>
  `The program works in ${path}, which is not the folder that was planned.`;

export const startedUnseen = (detail: string): string =>
  `The folder in which the program works cannot be looked at (${detail}).`;

/** There is no guard process to end a CLI that outlives us. */
export const unguardedCli = (detail: string): string =>
  `The CLI may outlive this program if that is killed: its guard could not be started (${detail}).`;

// About the control protocol: for diagnostics, and for the `why` of `control-unavailable`.

export const unsupported = "This version does not know the question.";

/** Why a request got no answer. */
export type NoAnswer =
  | { readonly code: "silent"; readonly waitedMs: number }
  /** `detail` is the first line of the CLI's stderr, redacted, or else how it ended. */
  | { readonly code: "exited"; readonly detail: string }
  | { readonly code: "flooded" }
  | { readonly code: "cancelled" };

export const notAsked = (error: NoAnswer): string => {
  switch (error.code) {
    case "silent":
      return `It did not answer within ${seconds(error.waitedMs)}.`;
    case "exited":
      return `It ended instead of answering (${error.detail}).`;
    case "flooded":
      return "It wrote without end instead of answering.";
    case "cancelled":
      return "The run was cancelled before it answered.";
  }
};

export const notProven = (file: string): string =>
  `It says that it recorded the trust, and ${file} does not say so.`;

export const refused = (detail: string): string => `It refuses: ${detail}`;

export const noVersion = "It does not tell the version of its config.toml.";

export const changedAgain = "Its config.toml was changed each time it was to write.";

export const stillBusy = "It was busy for as long as it was asked.";

/** The diagnostic when the dialog is used instead. */
export const controlNotUsed = (why: string): Diagnostic => ({
  code: "control-not-used",
  message: `The folder was not trusted over the control protocol, so its dialog was used instead: ${why}`,
});

export const leftLock = (file: string): Diagnostic => ({
  code: "stale-cli-lock",
  message: `${file}.lock still existed after the program had ended.`,
});
