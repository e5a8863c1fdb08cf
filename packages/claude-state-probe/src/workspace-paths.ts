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

/** Why a folder's key may not name its own repository. `place` is an absolute path. */
export type KeyDoubt = { readonly place: string } & (
  | {
      /**
       * A `.git`, `commondir`, `gitdir` or `config` exists but could not be read completely, so the key is
       * not known.
       */
      readonly code: "pointer-unreadable";
      /** The system's code, or the kind of entry found instead of a file. */
      readonly detail: string;
    }
  /** Not a git directory: HEAD, objects or refs is missing. */
  | { readonly code: "no-repository" }
  /** A `.git` with nothing in it, as Codex leaves one at times. Claude Code takes the folder above it for a repository. */
  | { readonly code: "empty-git"; readonly kind: "folder" | "file" }
  /** A git directory that belongs to another working tree. */
  | { readonly code: "other-working-tree" }
  /**
   * A bare repository that contains the worktree. Its key would also cover everything beside the worktree.
   */
  | { readonly code: "bare-repository-above" }
  /**
   * The git directory and the folder belong to different users. Git calls this dubious ownership (since
   * 2.35.2).
   */
  | { readonly code: "other-owner" }
  /** A pointer that git does not write, and that versions of Claude Code may read differently. */
  | { readonly code: "odd-pointer" }
  /**
   * A linked worktree whose pointers older versions of Claude Code read differently: they may record the main
   * checkout.
   */
  | { readonly code: "read-otherwise"; readonly before: string }
);

/** One sentence for a person. */
export const explainDoubt = (doubt: KeyDoubt): string => {
  const { place } = doubt;
  switch (doubt.code) {
    case "pointer-unreadable":
      return `${place} could not be read completely (${doubt.detail}).`;
    case "no-repository":
      return `${place} is not a git repository: it lacks HEAD, objects or refs.`;
    case "empty-git":
      return `${place} is empty and no git repository, but it is taken for one.`;
    case "other-working-tree":
      return `${place} is the repository of another folder.`;
    case "bare-repository-above":
      return `${place} looks like a bare repository around its own worktree, and its key covers everything in it.`;
    case "other-owner":
      return `${place} belongs to another user than the folder that contains it.`;
    case "odd-pointer":
      return `${place} is not written the way git writes it.`;
    case "read-otherwise":
      return `${place} names a worktree that Claude Code before ${doubt.before} reads differently.`;
  }
};
