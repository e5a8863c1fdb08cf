import type { KeyDoubt } from "./key-doubt.ts";
import { keyOf, type Platform } from "./keys.ts";
import { versionAtLeast } from "./version.ts";

/**
 * The places that decide which key applies to a folder. All are absolute; `real`, `gitRoot` and `home` are
 * real paths.
 */
export type WorkspacePaths = {
  /** The folder as the caller named it; the path may contain symlinks. */
  readonly given: string;
  readonly real: string;
  /**
   * The nearest folder, from `real` upwards, that contains a `.git` entry: a checkout, a linked worktree, a
   * submodule.
   */
  readonly gitRoot: string | null;
  /**
   * The main checkout of a linked worktree, as its pointers spell it (for a bare repository, the repository's
   * own folder); else `gitRoot`.
   */
  readonly mainRoot: string | null;
  /**
   * The folders that the pointer files (`.git`, `commondir`) name, existing or not, and the root that they
   * would give; empty if `.git` is not a file. A new key that is in this list was reached through the
   * pointers.
   */
  readonly pointed: readonly string[];
  /**
   * Why `mainRoot` is not confirmed as the folder's own repository; null if it is `real`, or a repository
   * that names the folder.
   */
  readonly doubt: KeyDoubt | null;
  /**
   * The first version of Claude Code that reads these pointers to give `mainRoot`; null if all versions since
   * 2.1.81 do.
   */
  readonly readSoSince: string | null;
  readonly home: string;
};

/**
 * From this version on, a linked worktree shares its main checkout's key; before, it had its own (both sides
 * seen: 2.1.62 and 2.1.63).
 */
const worktreeSharesMainKey = "2.1.63";

/**
 * The key that Claude Code writes when trust is accepted in this folder: the root of its repository, the main
 * checkout for a linked worktree, else the folder itself. For the home folder it is home, although Claude
 * Code records nothing there. Without a version, the newest one's rule applies.
 */
export const trustKey = (
  paths: WorkspacePaths,
  cliVersion?: string,
  platform: Platform = "linux",
): string => {
  const shares = cliVersion === undefined || versionAtLeast(cliVersion, worktreeSharesMainKey);
  return keyOf((shares ? paths.mainRoot : paths.gitRoot) ?? paths.real, platform);
};

/**
 * Why this key must not be recorded for the folder by this version of Claude Code (by default the newest);
 * null if it may. The folder itself is always its own key, if it is known to be the key.
 */
export const doubtOf = (
  { real, gitRoot, doubt, readSoSince }: Pick<WorkspacePaths, "real" | "gitRoot" | "doubt" | "readSoSince">,
  key: string,
  {
    cliVersion,
    platform = "linux",
  }: { readonly cliVersion?: string | undefined; readonly platform?: Platform | undefined } = {},
): KeyDoubt | null => {
  // In these cases the key is not known, and may be any folder.
  if (doubt?.code === "pointer-unreadable" || doubt?.code === "odd-pointer") return doubt;
  if (readSoSince !== null && cliVersion !== undefined && !versionAtLeast(cliVersion, readSoSince))
    return { code: "read-otherwise", place: `${gitRoot}/.git`, before: readSoSince };
  return keyOf(real, platform) === key ? null : doubt;
};
