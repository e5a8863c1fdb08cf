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
