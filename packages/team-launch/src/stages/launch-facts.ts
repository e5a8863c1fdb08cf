import type {
  Environment,
  PreflightEvent,
  PreflightPlan,
  PreflightReport,
  PreflightRequest,
  Provider,
} from "@trust/preflight";
import type { Result } from "@gatehouse/std";
import type { ArgumentsByProvider, LaunchArguments } from "../arguments/launch-arguments.ts";
import type { SettingsPatch } from "../arguments/patch-arguments.ts";
import type { LaunchFlags } from "../flags.ts";
import type { JournalFact } from "../lifecycle/journal.ts";
import type { LaunchPorts } from "../lifecycle/launch-ports.ts";
import type { WorktreePlan } from "../lifecycle/worktree.ts";
import type { LaunchError, LaunchState, MemberReport } from "../lifecycle/launch-run.ts";
import type { EffectiveMember, Team } from "../team/team.ts";
import type { LaunchEntry } from "../workspaces/trust-scope.ts";
import type { Workspace } from "../workspaces/workspace.ts";
import type { StepName } from "./step-names.ts";

/** A team to launch, with the options. Times are milliseconds, paths absolute. */
export type LaunchRequest = {
  readonly team: Team;
  readonly flags: LaunchFlags;
  /** The caller's environment. Preflight and the agents get their own copies. */
  readonly env: Environment;
  readonly dataDir: string;
  readonly cli?: { readonly [P in Provider]?: string };
  readonly consents?: PreflightRequest["consents"];
  /** The caller's own arguments for each provider's CLI. Trust is added to those of Codex. */
  readonly args?: ArgumentsByProvider;
  /** An agent's question does not end the wait. */
  readonly untilReady?: boolean;
  /**
   * How long the agents have to become ready; then the launch returns and they keep running. Default 60,000. A longer
   * time is also each folder's time limit for trust, which otherwise is preflight's own.
   */
  readonly timeoutMs?: number;
  /** Default: `launch`. A `restart` prepares no trust, because the launch before did. */
  readonly entry?: LaunchEntry;
  /** The provider whose state the runtime's own gate reads: see `collectWorkspaces`. Default: none. */
  readonly gate?: Provider;
  /** Refuses, with `team-runs`, a team with a running agent: another launch may have taken the name meanwhile. */
  readonly isNew?: boolean;
  /** 2 for the single retry. */
  readonly attempt?: number;
};

export const defaultTimeoutMs = 60_000;

/** The facts that the steps have collected so far. Each step returns new ones. */
export type LaunchFacts = {
  readonly request: LaunchRequest;
  readonly members: readonly EffectiveMember[];
  /** The caller's arguments. Each step that adds trust starts from these, so earlier patches do not stay. */
  readonly unpatched: LaunchArguments;
  readonly args: LaunchArguments;
  /** The patches that the next step applies. */
  readonly patches: readonly SettingsPatch[];
  readonly preflight: PreflightRequest;
  /** Empty until they are planned, and if no trust is prepared. */
  readonly workspaces: readonly Workspace[];
  /** Null if no trust is prepared. */
  readonly plan: PreflightPlan | null;
  readonly report: PreflightReport | null;
  /** The path of the CLI for each provider's members. A provider whose CLI was not searched for has no entry. */
  readonly clis: ReadonlyMap<Provider, Result<string, LaunchError>>;
  /** By the member's name. */
  readonly worktrees: ReadonlyMap<string, WorktreePlan>;
  /** Empty until the run exists. */
  readonly id: string;
  /** The stored team from before this launch: agents that keep running were started by it. */
  readonly previousTeam: Team | null;
  /** The agents' ids by member: agents that kept running from an earlier launch, then started ones. */
  readonly agents: ReadonlyMap<string, string>;
  readonly state: LaunchState;
  readonly reports: readonly MemberReport[];
};

/** The tools of a step beside the facts. */
export type LaunchTools = {
  readonly ports: LaunchPorts;
  readonly signal: AbortSignal;
  /** Writes an entry to the journal. Before the run exists, entries are held back. */
  readonly note: (fact: JournalFact) => Promise<void>;
  readonly watch: LaunchWatch;
  /** Replaces secrets and the names in the path of home. */
  readonly redact: (text: string) => string;
};

/** The listeners of a launch. */
export type LaunchWatch = {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LaunchProgress) => void;
  /** Called with each event of preflight, while it prepares trust. */
  readonly onPreflight?: (event: PreflightEvent) => void;
};

/** The progress of a launch, for a person: `Preparing workspace trust`. */
export type LaunchProgress = {
  readonly state: LaunchState;
  readonly message: string;
  readonly members: readonly MemberReport[];
  /** Why trust of some folders could not be prepared, one sentence each. The launch continues; the runtime's gate decides. */
  readonly warnings?: readonly string[];
};

/** Why a launch does not continue. */
export type LaunchStop = {
  readonly state: "blocked" | "cancelled";
  readonly error: LaunchError;
  readonly reports?: readonly MemberReport[];
};

/** One row of the table: the action, and the facts after it. */
export type LaunchStep = {
  readonly name: StepName;
  readonly act: (facts: LaunchFacts, tools: LaunchTools) => Promise<LaunchFacts | LaunchStop>;
};

export const isStop = (end: LaunchFacts | LaunchStop): end is LaunchStop => "error" in end;
