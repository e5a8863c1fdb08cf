/** Sentences about the checks around an answer: for diagnostics, and for the `why` of `key-outside-folder`. */

/** New keys that are unrelated to the folder. */
export const unplannedKey = (keys: readonly string[]): string =>
  `${keys.join(", ")} became trusted too while this folder was confirmed: it was not named here, and another session may have asked.`;

/** The state could not be read again after the answer. */
export const unreadKeys = (detail: string): string => `The other recorded keys could not be read: ${detail}`;

/** The system has neither /proc nor lsof. */
export const unknownCwd =
  "This system does not report the folder in which a program works, so it was not compared before the answer.";

export const replacedByPath = (real: string, key: string): string =>
  `Since it was planned it became ${real}, trust key ${key}.`;

export const replacedInPlace = "Since it was planned another folder took its place.";

export const repointed = (key: string): string =>
  `Since it was planned its .git entries, or those above it, became others (trust key ${key}).`;

/** A process wrote in the folder while the program started, so the key may have been another one for a moment. */
export const restless =
  "Entries of the folder, or of its repository, were made, renamed or removed while the program started. Repeat it while nothing writes there.";

export const startedElsewhere = (path: string): string =>
  `The program works in ${path}, which is not the folder that was planned.`;

export const startedUnseen = (detail: string): string =>
  `The folder in which the program works cannot be looked at (${detail}).`;

/** There is no guard process to end a CLI that outlives us. */
export const unguardedCli = (detail: string): string =>
  `The CLI may outlive this program if that is killed: its guard could not be started (${detail}).`;
