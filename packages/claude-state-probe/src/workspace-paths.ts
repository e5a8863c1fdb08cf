import type { KeyDoubt } from "./key-doubt.ts";
import { keyOf, type Platform } from "./keys.ts";
import { versionAtLeast } from "./version.ts";

/** The places that decide which key speaks for a folder. All are absolute; `real`, `gitRoot` and `home` are real paths. */
export type WorkspacePaths = {
  /** As the caller named it; may lead through symlinks. */
  readonly given: string;
  readonly real: string;
  /** The nearest folder, from `real` upwards, that holds a `.git` entry: a checkout, a linked worktree, a submodule. */
  readonly gitRoot: string | null;
  /** The main checkout of a linked worktree as its pointers spell it (where it is bare, the repository's own folder); else `gitRoot`. */
  readonly mainRoot: string | null;
  /**
   * The folders that the pointer files met on the way (`.git`, `commondir`) name, there or not, and the root that they
   * would make; empty where `.git` is no file. A key that appears and stands here was reached through the pointers.
   */
  readonly pointed: readonly string[];
  /** Why nothing shows that `mainRoot` is the folder's own repository; null where it is `real`, or a repository that names it. */
  readonly doubt: KeyDoubt | null;
  /** The first version of Claude Code that reads these pointers as `mainRoot` does; null where every one since 2.1.81 does. */
  readonly readSoSince: string | null;
  readonly home: string;
};

/** Since here a linked worktree shares its main checkout's key; before it had its own (both sides seen: 2.1.62 and 2.1.63). */
const worktreeSharesMainKey = "2.1.63";

/**
 * The key Claude Code writes when trust is accepted in this folder: the root of its repository, the main checkout's for
 * a linked worktree, else the folder itself. For the home folder it names home, although Claude records nothing there.
 * Without a version it answers for the newest.
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
 * Why this key may not be recorded for the folder by this version of Claude Code, without one by the newest; null where it
 * may. The folder itself is always its own key, if it is known to be the key.
 */
export const doubtOf = (
  { real, gitRoot, doubt, readSoSince }: Pick<WorkspacePaths, "real" | "gitRoot" | "doubt" | "readSoSince">,
  key: string,
  {
    cliVersion,
    platform = "linux",
  }: { readonly cliVersion?: string | undefined; readonly platform?: Platform | undefined } = {},
): KeyDoubt | null => {
  // Then the key is not known, and may be any.
  if (doubt?.code === "pointer-unreadable" || doubt?.code === "odd-pointer") return doubt;
  if (readSoSince !== null && cliVersion !== undefined && !versionAtLeast(cliVersion, readSoSince))
    return { code: "read-otherwise", place: `${gitRoot}/.git`, before: readSoSince };
  return keyOf(real, platform) === key ? null : doubt;
};
