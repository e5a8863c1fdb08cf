import type { Provider } from "@trust/preflight";

/**
 * The origin of a workspace. The seed's `git-root` is missing here: the root of a repository is a key, not a folder that
 * the team names.
 */
export type WorkspaceSource = "team-root" | "member-cwd" | "member-worktree";

/** One member that works in a workspace. */
export type WorkspaceUse = {
  readonly source: WorkspaceSource;
  /** The name of the member. */
  readonly memberId: string;
  readonly provider: Provider;
};

/** Why Claude Code would not save trust for a folder. */
export type NotPersistable = "home_directory" | "filesystem_root" | "unavailable";

/** One folder in which a team works, exactly as named: never its parent, never the root of its repository. */
export type Workspace = {
  /** Unique within a launch, and the same in the next launch. */
  readonly id: string;
  /** The path as the first member named it, made absolute. */
  readonly display: string;
  /** The path with links followed. Equals `display` if the folder is missing. */
  readonly real: string;
  /** `real` in the spelling of the runtime's configuration: normalised, with forward slashes. */
  readonly configKey: string;
  /** The same for the root of its repository; null outside a repository. */
  readonly gitRootKey: string | null;
  /** Equal for two spellings of one folder. Ignores letter case on Windows only. */
  readonly comparisonKey: string;
  /** The members that work here, in the order of the team. Never empty. */
  readonly uses: readonly [WorkspaceUse, ...WorkspaceUse[]];
  /** Null if its trust can be saved. */
  readonly notPersistable: NotPersistable | null;
};
