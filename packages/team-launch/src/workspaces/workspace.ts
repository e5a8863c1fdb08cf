import type { Provider } from "@trust/preflight";

/**
 * Where a workspace came from. The seed's `git-root` is not among them: the root of a repository is a key,
 * and no folder that somebody named.
 */
export type WorkspaceSource = "team-root" | "member-cwd" | "member-worktree";

/** One member that works in a workspace. */
export type WorkspaceUse = {
  readonly source: WorkspaceSource;
  /** The name of the member. */
  readonly memberId: string;
  readonly provider: Provider;
};

/** Why Claude Code would not keep trust for a folder. */
export type NotPersistable = "home_directory" | "filesystem_root" | "unavailable";

/** One folder that a team works in, exactly as named: never its parent, never the root of its repository. */
export type Workspace = {
  /** Unique within a launch, and equal from one launch to the next. */
  readonly id: string;
  /** As the first member named it, made absolute. */
  readonly display: string;
  /** With links followed. `display` if the folder is missing. */
  readonly real: string;
  /** `real` as the runtime's configuration spells it: normalised, with forward slashes. */
  readonly configKey: string;
  /** The same for the root of its repository; null outside one. */
  readonly gitRootKey: string | null;
  /** Equal for two spellings of one folder. On Windows it ignores letter case; elsewhere it does not. */
  readonly comparisonKey: string;
  /** The members that work here, in the order of the team. Never empty. */
  readonly uses: readonly [WorkspaceUse, ...WorkspaceUse[]];
  /** Null: its trust can be persisted. */
  readonly notPersistable: NotPersistable | null;
};
