/** A git worktree for one member, before it is made. Paths are absolute. */
export type WorktreePlan = {
  /** Its root. */
  readonly path: string;
  /** Where the member works: the same sub-folder of it as `folder` is of its repository. */
  readonly cwd: string;
  /** The member's `folder`. */
  readonly source: string;
  readonly branch: string;
  /** The branch is made with it, and removed with it. */
  readonly isNewBranch: boolean;
  /** An earlier launch made it: it is used as it is, and not removed by this one. */
  readonly exists: boolean;
};

/** A worktree that a launch announced, and may have made. */
export type MadeWorktree = Pick<WorktreePlan, "path" | "source" | "branch" | "isNewBranch">;
