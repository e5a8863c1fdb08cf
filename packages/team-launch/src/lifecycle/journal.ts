import type { WorkspaceTrustPreflight } from "../artifact/workspace-trust-preflight.ts";
import type { StepName } from "../stages/step-names.ts";
import type { MadeWorktree } from "./worktree.ts";
import type { LaunchError, LaunchRun, LaunchSnapshot, LaunchState, MemberState } from "./launch-run.ts";

/**
 * The entries of a launch's journal, one line each. A change is announced before it is made: if the launcher is killed
 * in between, the journal has an announcement without its change, but never a change without an announcement.
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
  /** The snapshot of the previous launch is about to be removed: this launch becomes the team's last. */
  | { readonly type: "clearing"; readonly snapshot: LaunchSnapshot | null }
  | { readonly type: "storing-team" }
  /** An agent is about to be started. From here on nothing is undone. */
  | { readonly type: "spawning"; readonly member: string }
  /** The agent could not be started. */
  | ({ readonly type: "not-spawned"; readonly member: string } & LaunchError)
  | {
      readonly type: "member";
      readonly member: string;
      readonly state: MemberState;
      readonly code?: string;
      readonly message?: string;
      readonly question?: string;
    }
  /** The changes before the first agent were undone, as far as possible. */
  | { readonly type: "undone" }
  | { readonly type: "ended"; readonly state: LaunchState; readonly error?: LaunchError };

/** An entry with its time: ISO 8601, UTC. */
export type JournalEntry = JournalFact & { readonly at: string };

/** A launch with its journal; without entries if the journal cannot be read. */
export type KeptLaunch = { readonly id: string; readonly entries: readonly JournalEntry[] };

type Entry<T extends JournalFact["type"]> = Extract<JournalEntry, { readonly type: T }>;

/** The last entry of a type; undefined if there is none. */
export const lastOf = <T extends JournalFact["type"]>(
  entries: readonly JournalEntry[],
  type: T,
): Entry<T> | undefined => entries.findLast((entry): entry is Entry<T> => entry.type === type);

/** The members whose agents were started, or may have been started. */
export const spawnedIn = (entries: readonly JournalEntry[]): readonly string[] => {
  const failed = new Set(entries.flatMap((entry) => (entry.type === "not-spawned" ? [entry.member] : [])));
  return entries.flatMap((entry) =>
    entry.type === "spawning" && !failed.has(entry.member) ? [entry.member] : [],
  );
};

/** True if an agent was started, or may have been: from then on a launch keeps its changes. */
export const isSpawned = (entries: readonly JournalEntry[]): boolean => spawnedIn(entries).length > 0;
