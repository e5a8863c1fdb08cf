import type { WorkspaceTrustPreflight } from "../artifact/workspace-trust-preflight.ts";
import type { StepName } from "../stages/step-names.ts";
import type { MadeWorktree } from "./worktree.ts";
import type { LaunchError, LaunchRun, LaunchSnapshot, LaunchState, MemberState } from "./launch-run.ts";

/**
 * What a launch notes, one line each. A change is announced before it is made: a launcher that is killed in
 * between leaves an announcement of something that is not there, never the reverse.
 */
export type JournalFact =
  | { readonly type: "run"; readonly run: LaunchRun }
  | { readonly type: "step"; readonly step: StepName }
  | { readonly type: "warning"; readonly code: string; readonly message: string }
  | {
      readonly type: "making-worktree";
      readonly member: string;
      readonly worktree: MadeWorktree;
    }
  | { readonly type: "trust"; readonly preflight: WorkspaceTrustPreflight }
  /** The snapshot of the launch before is about to go: this launch becomes the team's last. */
  | { readonly type: "clearing"; readonly snapshot: LaunchSnapshot | null }
  | { readonly type: "storing-team" }
  /** An agent is about to be started. From here on nothing is undone. */
  | { readonly type: "spawning"; readonly member: string }
  /** It was not started after all. */
  | ({ readonly type: "not-spawned"; readonly member: string } & LaunchError)
  | {
      readonly type: "member";
      readonly member: string;
      readonly state: MemberState;
      readonly code?: string;
      readonly message?: string;
      readonly question?: string;
    }
  /** What was made before the first agent is taken back, as far as it could be. */
  | { readonly type: "undone" }
  | { readonly type: "ended"; readonly state: LaunchState; readonly error?: LaunchError };

/** With the time: ISO 8601, UTC. */
export type JournalEntry = JournalFact & { readonly at: string };

/** A launch by its journal; without entries if that cannot be read. */
export type KeptLaunch = { readonly id: string; readonly entries: readonly JournalEntry[] };

type Entry<T extends JournalFact["type"]> = Extract<JournalEntry, { readonly type: T }>;

/** The last entry of a type; undefined if there is none. */
export const lastOf = <T extends JournalFact["type"]>(
  entries: readonly JournalEntry[],
  type: T,
): Entry<T> | undefined => entries.findLast((entry): entry is Entry<T> => entry.type === type);

/** The members whose agents were started, or may have been. */
export const spawnedIn = (entries: readonly JournalEntry[]): readonly string[] => {
  const failed = new Set(entries.flatMap((entry) => (entry.type === "not-spawned" ? [entry.member] : [])));
  return entries.flatMap((entry) =>
    entry.type === "spawning" && !failed.has(entry.member) ? [entry.member] : [],
  );
};

/** Whether an agent was started, or may have been: from then on a launch keeps what it made. */
export const isSpawned = (entries: readonly JournalEntry[]): boolean => spawnedIn(entries).length > 0;
