/** Why nothing shows that a folder's key is its own repository. `place` is an absolute path. */
export type KeyDoubt = { readonly place: string } & (
  | {
      /** A `.git`, `commondir`, `gitdir` or `config` that is there and could not be read whole, so that the key is not known. */
      readonly code: "pointer-unreadable";
      /** What the system said, or what stands there in a file's place. */
      readonly detail: string;
    }
  /** No git directory: HEAD, objects or refs is missing. */
  | { readonly code: "no-repository" }
  /** A git directory that belongs to another working tree. */
  | { readonly code: "other-working-tree" }
  /** A bare repository that the worktree lies in: its key would cover all that is beside the worktree. */
  | { readonly code: "bare-repository-above" }
  /** A git directory of another user in a folder that is not that user's, which git calls dubious ownership (since 2.35.2). */
  | { readonly code: "other-owner" }
  /** A pointer that git does not write, and that versions of Claude Code may read differently. */
  | { readonly code: "odd-pointer" }
  /** A linked worktree whose way back older versions of Claude Code read differently: they may record the main checkout. */
  | { readonly code: "read-otherwise"; readonly before: string }
);

/** One sentence for a person. */
export const explainDoubt = (doubt: KeyDoubt): string => {
  const { place } = doubt;
  switch (doubt.code) {
    case "pointer-unreadable":
      return `${place} could not be read whole (${doubt.detail}).`;
    case "no-repository":
      return `${place} is not a git repository: it lacks HEAD, objects or refs.`;
    case "other-working-tree":
      return `${place} is the repository of another folder.`;
    case "bare-repository-above":
      return `${place} looks like a bare repository around its own worktree, and its key covers everything in it.`;
    case "other-owner":
      return `${place} belongs to another user than the folder it stands in.`;
    case "odd-pointer":
      return `${place} is not written as git writes it.`;
    case "read-otherwise":
      return `${place} names a worktree whose way back Claude Code before ${doubt.before} reads differently.`;
  }
};
