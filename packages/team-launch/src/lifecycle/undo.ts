import { isSpawned, lastOf, type JournalEntry } from "./journal.ts";
import type { MadeWorktree } from "./worktree.ts";
import type { LaunchRun, LaunchSnapshot } from "./launch-run.ts";

/** The undo of one change that a launch made before its first agent. */
export type Undo =
  | { readonly type: "remove-worktree"; readonly worktree: MadeWorktree }
  | { readonly type: "restore-snapshot"; readonly snapshot: LaunchSnapshot }
  /** Restores the copy of the team from before it was stored. */
  | { readonly type: "restore-team" }
  | { readonly type: "remove-team" };

/** A `create` has no earlier team, so its undo removes the stored one. */
const undoStoredTeam = ({ mode }: LaunchRun): Undo => ({
  type: mode === "create" ? "remove-team" : "restore-team",
});

/**
 * The undos, newest change first. None if an agent was started or may have been, or if they were already done. Used by a
 * launch that ends, and by the next launch if this one was killed.
 */
export const undosIn = (entries: readonly JournalEntry[]): readonly Undo[] => {
  const run = lastOf(entries, "run")?.run;
  if (run === undefined || isSpawned(entries) || lastOf(entries, "undone") !== undefined) return [];
  return entries
    .flatMap((entry): readonly Undo[] => {
      switch (entry.type) {
        case "making-worktree":
          return [{ type: "remove-worktree", worktree: entry.worktree }];
        case "clearing":
          return entry.snapshot === null ? [] : [{ type: "restore-snapshot", snapshot: entry.snapshot }];
        case "storing-team":
          return [undoStoredTeam(run)];
        default:
          return [];
      }
    })
    .reverse();
};
