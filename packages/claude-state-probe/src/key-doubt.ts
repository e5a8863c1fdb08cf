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
