import type { WorkspacePaths } from "@trust/claude-state-probe";
import { isWithin } from "./providers/gemini-trust.ts";

/** What became trusted around an answer, and nobody had planned. */
export type StrayKeys = {
  /** They cover a folder that was answered for, or stand in its key's place: it was our answer that recorded them. */
  readonly wider: readonly string[];
  /** They have nothing to do with it: somebody else may have answered another CLI. */
  readonly others: readonly string[];
};

export const noStrayKeys: StrayKeys = { wider: [], others: [] };

/**
 * Sorts new keys. `isKeyThere`: the planned key was recorded; where it was not, whatever else was new stands in its place.
 * The folder itself was named, so a key that is the folder widens nothing.
 */
export const sortKeys = (
  fresh: readonly string[],
  folders: readonly WorkspacePaths[],
  isKeyThere: boolean,
): StrayKeys => {
  const isNamed = (key: string): boolean => folders.some(({ given, real }) => key === given || key === real);
  const isWider = (key: string): boolean =>
    !isNamed(key) && (!isKeyThere || folders.some((paths) => reaches(key, paths)));
  return { wider: fresh.filter(isWider), others: fresh.filter((key) => !isWider(key)) };
};

/** Whether a key is at or above a place of the folder, or one that its pointer files name. */
const reaches = (key: string, { given, real, gitRoot, mainRoot, pointed }: WorkspacePaths): boolean =>
  [given, real, gitRoot, mainRoot, ...pointed].some((place) => place !== null && isWithin(place, key));
