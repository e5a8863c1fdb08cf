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

/** The three stages of preflight, and what a patch of Codex's settings is checked against. */
export type TrustPort = {
  readonly context: () => Promise<FolderContext>;
  readonly planArgsOnly: (
    request: PreflightRequest,
    surfaces: readonly SettingsPatch["targetSurface"][],
  ) => Promise<ArgsPlan>;
  /** The same from a plan that is made. */
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

/** Looks at folders, and writes nothing. */
export type FolderPort = {
  /** Every spelling of the home folder. */
  readonly homes: readonly string[];
  /** Decides how paths are spelled as keys. Default: linux. */
  readonly platform?: Platform;
  /** By folder; null for one that is missing, or no folder. */
  readonly look: (folders: readonly string[]) => Promise<ReadonlyMap<string, FolderFacts | null>>;
};

/** What a data folder keeps of teams and their launches. */
export type LaunchStore = {
  /** Waits for another launch of the team, of this process or another, at most so many milliseconds. */
  readonly lock: (team: string, wait: LockWait) => Promise<Result<TeamLock, LaunchError>>;
  /** Under the lock: the launches of a team whose journal has no end, and whose launcher does not run any more. */
  readonly killed: (team: string) => Promise<readonly (readonly JournalEntry[])[]>;
  readonly team: (name: string) => Promise<Team | null>;
  readonly saveTeam: (team: Team) => Promise<void>;
  readonly removeTeam: (name: string) => Promise<void>;
  /** Keeps the team as it is now beside itself, until this launch has ended. Prompts are in no journal. */
  readonly keepTeam: (name: string) => Promise<void>;
  /** Takes the kept team back, if there is one. */
  readonly restoreTeam: (name: string) => Promise<void>;
  readonly forgetKept: (name: string) => Promise<void>;
  readonly snapshot: (team: string) => Promise<LaunchSnapshot | null>;
  readonly saveSnapshot: (snapshot: LaunchSnapshot) => Promise<void>;
  readonly removeSnapshot: (team: string) => Promise<void>;
  /** Appends to the journal of a launch. The first entry, of the type `run`, makes it. */
  readonly note: (id: string, entry: JournalEntry) => Promise<void>;
  /** All launches of a team, the oldest first, once they are many more than are kept; else none. */
  readonly launches: (team: string) => Promise<readonly KeptLaunch[]>;
  /** Removes the journals and artifacts of these. */
  readonly forget: (team: string, ids: readonly string[]) => Promise<void>;
  /** Written once for each launch: a second one is dropped. */
  readonly saveArtifact: (artifact: LaunchArtifact) => Promise<void>;
};

export type LockWait = { readonly timeoutMs: number; readonly signal: AbortSignal };

export type TeamLock = { readonly release: () => Promise<void> };

/** Makes git worktrees, and removes those. */
export type WorktreePort = {
  /** Where the worktree of a member is, and the branch of it. Looks at the disk and writes nothing. */
  readonly plan: (team: string, member: EffectiveMember) => Promise<Result<WorktreePlan, LaunchError>>;
  readonly make: (plan: WorktreePlan) => Promise<Result<null, LaunchError>>;
  /** Leaves a worktree alone that has changes, or in which a process works; the text says so. */
  readonly remove: (made: MadeWorktree) => Promise<Result<null, LaunchError>>;
};

/** One agent to be started. */
export type AgentStart = {
  readonly team: string;
  readonly launch: string;
  readonly member: EffectiveMember;
  /** For the CLI's own argv. */
  readonly args: readonly string[];
  /** For the `--settings` of the adapter; null for a provider that has no such contract. */
  readonly settings: Readonly<Record<string, unknown>> | null;
  /** Added to the environment. */
  readonly env: Readonly<Record<string, string>>;
};

/** An agent of a team, as it is now. */
export type AgentSight = {
  /** Of this very agent: a later one of the same member has another. */
  readonly id: string;
  readonly member: string;
  readonly provider: Provider;
  readonly folder: string;
  readonly state: Exclude<MemberState, "blocked">;
  readonly code?: string;
  readonly message?: string;
  readonly fix?: string;
  readonly question?: string;
  /** False if nothing will ever show whether it is ready: no launch waits for it. `code` and `message` say so. */
  readonly isProvable?: boolean;
};

/** A provider's CLI as the launch would start it: with Codex's trust among its arguments. */
export type ProviderQuestion = { readonly provider: Provider; readonly args: readonly string[] };

export type AgentPort = {
  /** The agents of a team that run, and those that have ended and are still known; null if that cannot be read now. */
  readonly list: (team: string) => Promise<readonly AgentSight[] | null>;
  /**
   * Resolves when the agent is recorded, so that it is found again whatever becomes of this process. The signal is
   * that of the launch: after an abort nobody waits for the agent.
   */
  readonly start: (
    start: AgentStart,
    signal?: AbortSignal,
  ) => Promise<Result<Pick<AgentSight, "id">, LaunchError>>;
  /**
   * The path of the CLI that this runtime starts for a provider. An error blocks the launch before anything is
   * made. Without this function a missing CLI is a warning.
   */
  readonly findCli?: (provider: Provider) => Promise<Result<string, LaunchError>>;
  /** The model of a member that names none; null for the CLI's own. Without this function it is always that. */
  readonly defaultModel?: (question: ProviderQuestion) => Promise<string | null>;
  /** What is wrong with a provider, before anything is made; null for nothing. It is noted as a warning. */
  readonly checkProvider?: (question: ProviderQuestion) => Promise<LaunchError | null>;
};

export type LaunchClock = {
  /** Milliseconds since 1970. */
  readonly now: () => number;
  /** Waits so many milliseconds, or until the signal aborts. */
  readonly pause: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Four characters that differ for two launches of one second. */
  readonly nonce: () => string;
};

/** Whether somebody has asked that a team's launches end, since this one began. */
export type StopPort = {
  /** Looks now; it is looked at now and then anyway. If it was asked, the launch's signal is aborted by then. */
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
