import { isSpawned, lastOf, type JournalEntry } from "./journal.ts";
import type { MadeWorktree } from "./worktree.ts";
import type { LaunchRun, LaunchSnapshot } from "./launch-run.ts";

/** One change of a launch that its end before the first agent takes back. */
export type Undo =
  | { readonly type: "remove-worktree"; readonly worktree: MadeWorktree }
  | { readonly type: "restore-snapshot"; readonly snapshot: LaunchSnapshot }
  /** The team that was kept before it was stored. */
  | { readonly type: "restore-team" }
  | { readonly type: "remove-team" };

/** The two policies. A create has no team to go back to, so it removes the one that it stored. */
const undoOfTeam = ({ mode }: LaunchRun): Undo => ({
  type: mode === "create" ? "remove-team" : "restore-team",
});

/**
 * What is to be taken back, the newest first; nothing once an agent was started or may have been, or if it was done
 * before. A launch that ends and the next one, which finds a killed one, ask the same.
 */
export const undoOf = (entries: readonly JournalEntry[]): readonly Undo[] => {
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
          return [undoOfTeam(run)];
        default:
          return [];
      }
    })
    .reverse();
};
