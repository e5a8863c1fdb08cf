import {
  doubtOf,
  explainDoubt,
  isAtOrBelow,
  isRootPath,
  keyOf,
  type Platform,
  type WorkspacePaths,
} from "@trust/claude-state-probe";
import { whyOutside } from "./diagnostic-messages.ts";
import type { Verdict } from "./verdict.ts";

type Places = Pick<WorkspacePaths, "real" | "gitRoot" | "home" | "doubt" | "readSoSince">;

/**
 * The verdict if trust may not be recorded under this key; null if it may. A dotfiles repository makes the home folder
 * the key of every folder in it; an unconfirmed `.git` can make any folder the key. `cliVersion` is Claude Code's;
 * without it the rules of the newest version apply.
 */
export const keyVerdict = (
  key: string,
  paths: Places,
  { platform, cliVersion }: { readonly platform: Platform; readonly cliVersion?: string | undefined },
): Verdict | null => {
  const { home } = paths;
  const emptyGit = paths.doubt?.code === "empty-git" ? { emptyGit: paths.doubt } : {};
  if (isRootPath(key, platform)) return { code: "root-refused", key, ...emptyGit };
  if (isAtOrBelow(home, key, platform)) {
    const isHome = isAtOrBelow(key, home, platform);
    return { code: isHome ? "home-not-persistable" : "root-refused", key, ...emptyGit };
  }
  const doubt = doubtOf(paths, keyOf(key, platform), { cliVersion, platform });
  if (doubt === null) return null;
  const known = ["pointer-unreadable", "odd-pointer", "read-otherwise"].includes(doubt.code) ? null : key;
  return { code: "key-outside-folder", key: known, why: whyOutside(known, explainDoubt(doubt)), ...emptyGit };
};

/** Keys that became trusted around an answer without being planned. */
export type StrayKeys = {
  /** They cover a folder of the answer, or were recorded instead of its key: our answer recorded them. */
  readonly wider: readonly string[];
  /** They are unrelated to the answer: another CLI may have recorded them. */
  readonly others: readonly string[];
};

export const noStrayKeys: StrayKeys = { wider: [], others: [] };

/**
 * Sorts new keys. `isKeyThere`: the planned key was recorded; if not, every other new key counts as recorded in its
 * place. A key that is the folder itself is never wider, since the caller named the folder.
 */
export const sortKeys = (
  fresh: readonly string[],
  folders: readonly WorkspacePaths[],
  isKeyThere: boolean,
  platform: Platform,
): StrayKeys => {
  const named = new Set(
    folders.flatMap(({ given, real }) => [keyOf(given, platform), keyOf(real, platform)]),
  );
  const isNamed = (key: string): boolean => named.has(keyOf(key, platform));
  const isWider = (key: string): boolean =>
    !isNamed(key) && (!isKeyThere || folders.some((paths) => reaches(key, paths, platform)));
  return { wider: fresh.filter(isWider), others: fresh.filter((key) => !isWider(key)) };
};

/** True if a key is at or above one of the folder's paths, or a path that its pointer files name. */
const reaches = (
  key: string,
  { given, real, gitRoot, mainRoot, pointed }: WorkspacePaths,
  platform: Platform,
): boolean =>
  [given, real, gitRoot, mainRoot, ...pointed].some(
    (place) => place !== null && isAtOrBelow(place, key, platform),
  );
