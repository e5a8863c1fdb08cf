import type {
  Environment,
  PreflightEvent,
  PreflightPlan,
  PreflightReport,
  PreflightRequest,
  Provider,
} from "@trust/preflight";
import type { Result } from "@gatehouse/std";
import type { ArgumentsByProvider } from "../arguments/make-arguments.ts";
import type { LaunchArguments } from "../arguments/launch-arguments.ts";
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

/** What is to be launched, and how. Times are milliseconds, paths absolute. */
export type LaunchRequest = {
  readonly team: Team;
  readonly flags: LaunchFlags;
  /** The caller's. Preflight and the agents get their own copies of it. */
  readonly env: Environment;
  readonly dataDir: string;
  readonly cli?: { readonly [P in Provider]?: string };
  readonly consents?: PreflightRequest["consents"];
  /** The caller's own arguments for each provider's CLI. Trust is added to those of Codex. */
  readonly args?: ArgumentsByProvider;
  /** Questions do not end the wait. */
  readonly untilReady?: boolean;
  /**
   * How long the agents have to become ready; then the launch returns and they live on. Default 60,000. A longer
   * time is also each folder's time to be trusted, which is else preflight's own.
   */
  readonly timeoutMs?: number;
  /** Default: `launch`. A `restart` asks for no trust: the launch before it did. */
  readonly entry?: LaunchEntry;
  /** The provider whose state the runtime's own gate reads: see `collectWorkspaces`. Default: none. */
  readonly gate?: Provider;
  /** Refuse, with `team-runs`, a team of which an agent runs: another launch may have taken the name meanwhile. */
  readonly isNew?: boolean;
  /** 2 for the one retry. */
  readonly attempt?: number;
};

export const defaultTimeoutMs = 60_000;

/** What the steps know by now. Each step gives a new one. */
export type LaunchFacts = {
  readonly request: LaunchRequest;
  readonly members: readonly EffectiveMember[];
  /** The caller's arguments. Each step that adds trust starts from them, so no earlier patch stays. */
  readonly unpatched: LaunchArguments;
  readonly args: LaunchArguments;
  /** Those that the next step applies. */
  readonly patches: readonly SettingsPatch[];
  readonly preflight: PreflightRequest;
  /** Empty until they are planned, and where trust is not prepared. */
  readonly workspaces: readonly Workspace[];
  /** Null where trust is not prepared. */
  readonly plan: PreflightPlan | null;
  readonly report: PreflightReport | null;
  /** The CLI that each provider's members start, by path. A provider that nobody looked for has no entry. */
  readonly clis: ReadonlyMap<Provider, Result<string, LaunchError>>;
  /** By the member's name. */
  readonly worktrees: ReadonlyMap<string, WorktreePlan>;
  /** Empty until the run exists. */
  readonly id: string;
  /** The stored team before this launch: what runs on runs as it says. */
  readonly previousTeam: Team | null;
  /** The agents by their members' names: those that ran on from an earlier launch, then those that were started. */
  readonly agents: ReadonlyMap<string, string>;
  readonly state: LaunchState;
  readonly reports: readonly MemberReport[];
};

/** What a step works with beside the facts. */
export type LaunchTools = {
  readonly ports: LaunchPorts;
  readonly signal: AbortSignal;
  /** Notes a fact in the journal. Before the run exists it is kept until then. */
  readonly note: (fact: JournalFact) => Promise<void>;
  readonly watch: LaunchWatch;
  /** Replaces secrets and the names in the path of home. */
  readonly redact: (text: string) => string;
};

/** Who listens to a launch. */
export type LaunchWatch = {
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: LaunchProgress) => void;
  /** Called with each event of preflight, while it prepares trust. */
  readonly onPreflight?: (event: PreflightEvent) => void;
};

/** How a launch is, for a person: `Preparing workspace trust`. */
export type LaunchProgress = {
  readonly state: LaunchState;
  readonly message: string;
  readonly members: readonly MemberReport[];
  /** Why a folder's trust could not be prepared, a sentence each. The launch goes on: the runtime's gate decides. */
  readonly warnings?: readonly string[];
};

/** Why a launch goes no further. */
export type LaunchStop = {
  readonly state: "blocked" | "cancelled";
  readonly error: LaunchError;
  readonly reports?: readonly MemberReport[];
};

/** One row of the table: what is done, and what is known after it. */
export type LaunchStep = {
  readonly name: StepName;
  readonly act: (facts: LaunchFacts, tools: LaunchTools) => Promise<LaunchFacts | LaunchStop>;
};

export const isStop = (end: LaunchFacts | LaunchStop): end is LaunchStop => "error" in end;
