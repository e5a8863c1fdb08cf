import type { Platform } from "@trust/claude-state-probe";
import type { FolderContext } from "@trust/codex-overrides";
import type { SettingsPatch } from "../arguments/patch-arguments.ts";
import type {
  PreflightEvent,
  PreflightPlan,
  PreflightReport,
  PreflightRequest,
  Provider,
} from "@trust/preflight";
import type { Result } from "@gatehouse/std";
import type { EffectiveMember, Team } from "../team/team.ts";
import type { FolderFacts } from "../workspaces/collect-workspaces.ts";
import type { LaunchArtifact } from "../artifact/launch-artifact.ts";
import type { JournalEntry, KeptLaunch } from "./journal.ts";
import type { MadeWorktree, WorktreePlan } from "./worktree.ts";
import type { LaunchError, LaunchSnapshot, MemberState } from "./launch-run.ts";

/** The three stages of preflight, and the context for checking patches of Codex's settings. */
export type TrustPort = {
  readonly context: () => Promise<FolderContext>;
  readonly planArgsOnly: (
    request: PreflightRequest,
    surfaces: readonly SettingsPatch["targetSurface"][],
  ) => Promise<ArgsPlan>;
  /** Like `planArgsOnly`, from an existing plan. */
  readonly argsOfPlan: (
    plan: PreflightPlan,
    surfaces: readonly SettingsPatch["targetSurface"][],
  ) => Promise<ArgsPlan>;
  readonly planFull: (request: PreflightRequest) => Promise<PreflightPlan>;
  readonly execute: (
    plan: PreflightPlan,
    watch: { readonly signal: AbortSignal; readonly onProgress?: (event: PreflightEvent) => void },
  ) => Promise<PreflightReport>;
};

export type ArgsPlan = {
  readonly patches: readonly SettingsPatch[];
  readonly diagnostics: readonly { readonly code: string; readonly message: string }[];
};

/** Reads folders, and writes nothing. */
export type FolderPort = {
  /** Every spelling of the home folder. */
  readonly homes: readonly string[];
  /** Decides the spelling of paths in keys. Default: linux. */
  readonly platform?: Platform;
  /** Facts by folder; null for a missing folder or a path that is no folder. */
  readonly look: (folders: readonly string[]) => Promise<ReadonlyMap<string, FolderFacts | null>>;
};

/** The teams and launches in a data folder. */
export type LaunchStore = {
  /** Locks a team. Waits at most `timeoutMs` for another launch of the team, in this process or another one. */
  readonly lock: (team: string, wait: LockWait) => Promise<Result<TeamLock, LaunchError>>;
  /** Call it under the lock: the team's launches whose journal has no end, and whose launcher no longer runs. */
  readonly killed: (team: string) => Promise<readonly (readonly JournalEntry[])[]>;
  readonly team: (name: string) => Promise<Team | null>;
  readonly saveTeam: (team: Team) => Promise<void>;
  readonly removeTeam: (name: string) => Promise<void>;
  /** Keeps a copy of the stored team until this launch has ended, because no journal contains prompts. */
  readonly keepTeam: (name: string) => Promise<void>;
  /** Restores the copy of the team, if there is one. */
  readonly restoreTeam: (name: string) => Promise<void>;
  readonly forgetKept: (name: string) => Promise<void>;
  readonly snapshot: (team: string) => Promise<LaunchSnapshot | null>;
  readonly saveSnapshot: (snapshot: LaunchSnapshot) => Promise<void>;
  readonly removeSnapshot: (team: string) => Promise<void>;
  /** Appends to the journal of a launch. The first entry, of type `run`, creates the journal. */
  readonly note: (id: string, entry: JournalEntry) => Promise<void>;
  /** All launches of a team, oldest first, if there are many more than are kept; else none. */
  readonly launches: (team: string) => Promise<readonly KeptLaunch[]>;
  /** Removes the journals and artifacts of these launches. */
  readonly forget: (team: string, ids: readonly string[]) => Promise<void>;
  /** Writes the artifact of a launch once: a second one is dropped. */
  readonly saveArtifact: (artifact: LaunchArtifact) => Promise<void>;
};

export type LockWait = { readonly timeoutMs: number; readonly signal: AbortSignal };

export type TeamLock = { readonly release: () => Promise<void> };

/** Makes git worktrees, and removes worktrees that a launch made. */
export type WorktreePort = {
  /** The path and branch of a member's worktree. Reads the disk and writes nothing. */
  readonly plan: (team: string, member: EffectiveMember) => Promise<Result<WorktreePlan, LaunchError>>;
  readonly make: (plan: WorktreePlan) => Promise<Result<null, LaunchError>>;
  /** Keeps a worktree that has changes or in which a process works, and returns the reason as an error. */
  readonly remove: (made: MadeWorktree) => Promise<Result<null, LaunchError>>;
};

/** One agent to start. */
export type AgentStart = {
  readonly team: string;
  readonly launch: string;
  readonly member: EffectiveMember;
  /** Arguments for the CLI's own argv. */
  readonly args: readonly string[];
  /** Settings for the adapter's `--settings`; null for a provider without that contract. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  /** Variables to add to the environment. */
  readonly env: Readonly<Record<string, string>>;
};

/** The present state of a team's agent. */
export type AgentSight = {
  /** The id of this agent: a later agent of the same member has another id. */
  readonly id: string;
  readonly member: string;
  readonly provider: Provider;
  readonly folder: string;
  readonly state: Exclude<MemberState, "blocked">;
  readonly code?: string;
  readonly message?: string;
  readonly fix?: string;
  readonly question?: string;
  /** False if its readiness can never be detected: no launch waits for it. `code` and `message` give the reason. */
  readonly isProvable?: boolean;
};

/** A question to a provider's CLI, with the arguments of the launch, which include Codex's trust. */
export type ProviderQuestion = { readonly provider: Provider; readonly args: readonly string[] };

export type AgentPort = {
  /** The team's running agents, and ended ones that are still known; null if they cannot be read now. */
  readonly list: (team: string) => Promise<readonly AgentSight[] | null>;
  /**
   * Resolves when the agent is recorded, so that a later launcher finds it even if this process is killed. The signal is
   * the launch's: after an abort the launch no longer waits for the agent.
   */
  readonly start: (
    start: AgentStart,
    signal?: AbortSignal,
  ) => Promise<Result<Pick<AgentSight, "id">, LaunchError>>;
  /**
   * The path of the CLI that this runtime starts for a provider. An error blocks the launch before any change. Without
   * this function a missing CLI is a warning.
   */
  readonly findCli?: (provider: Provider) => Promise<Result<string, LaunchError>>;
  /** The model for members without one; null for the CLI's own default. Without this function the CLI's default is used. */
  readonly defaultModel?: (question: ProviderQuestion) => Promise<string | null>;
  /** Checks a provider before any change; null if it is fine. A problem is recorded as a warning. */
  readonly checkProvider?: (question: ProviderQuestion) => Promise<LaunchError | null>;
};

export type LaunchClock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits this many milliseconds, or until the signal aborts. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Four characters that differ between two launches in one second. */
  readonly nonce: () => string;
};

/** Reports whether another process has asked this team's launches to stop, since this launch began. */
export type StopPort = {
  /** Checks now; a timer checks too. If a stop was requested, the launch's signal is aborted when this resolves. */
  readonly look: () => Promise<void>;
  readonly isAsked: () => boolean;
};

export type LaunchPorts = {
  readonly trust: TrustPort;
  readonly folders: FolderPort;
  readonly store: LaunchStore;
  readonly worktrees: WorktreePort;
  readonly agents: AgentPort;
  readonly clock: LaunchClock;
  readonly stops: StopPort;
};
