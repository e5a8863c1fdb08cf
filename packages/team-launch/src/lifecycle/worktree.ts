/** A git worktree for one member, before it is made. Paths are absolute. */
export type WorktreePlan = {
  /** Its root. */
  readonly path: string;
  /** The folder in which the member works: at the same sub-path as `folder` has in its repository. */
  readonly cwd: string;
  /** The member's `folder`. */
  readonly source: string;
  readonly branch: string;
  /** The branch is made with the worktree, and removed with it. */
  readonly isNewBranch: boolean;
  /** An earlier launch made the worktree: this launch uses it unchanged and does not remove it. */
  readonly exists: boolean;
};

/** A worktree that a launch announced, and may have made. */
export type MadeWorktree = Pick<WorktreePlan, "path" | "source" | "branch" | "isNewBranch">;
