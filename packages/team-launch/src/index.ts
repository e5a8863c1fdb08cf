export {
  joinArguments,
  type JoinDiagnostic,
  type JoinedArguments,
  type ReadSettings,
} from "./arguments/join-arguments.ts";
export type { LaunchArguments } from "./arguments/launch-arguments.ts";
export { argumentsFor, launchArguments, type ArgumentsByProvider } from "./arguments/make-arguments.ts";
export {
  argumentsResolver,
  launchSurfaces,
  patchArguments,
  unpatchArguments,
  type ArgumentsResolver,
  type PatchedArguments,
  type SettingsPatch,
} from "./arguments/patch-arguments.ts";
export { explain, type Explained, type Explanation } from "./problem-messages.ts";
export { recogniseFailure, type FailureEvidence, type TrustFailure } from "./failure/recognise-failure.ts";
export { defaultFlags, readFlags, type FlagDiagnostic, type LaunchFlags, type ReadFlags } from "./flags.ts";
export { outcomeOf, outcomes, worstFirst, type Outcome } from "./outcome.ts";
export type { TeamFileContext } from "./team/absolute-folder.ts";
export { readTeam } from "./team/read-team.ts";
export { teamOfAgents, type AgentCountProblem } from "./team/team-of-agents.ts";
export type { Place, Position, TeamProblem } from "./team/team-problem.ts";
export type { LaunchArtifact } from "./artifact/launch-artifact.ts";
export {
  artifactLimits,
  workspaceTrustPreflight,
  type ArtifactFolder,
  type StrategyResult,
  type WorkspaceTrustPreflight,
} from "./artifact/workspace-trust-preflight.ts";
export type { ExplainedMember, LaunchExplanation } from "./lifecycle/explain-launch.ts";
export { lastOf, type JournalEntry } from "./lifecycle/journal.ts";
export type {
  AgentPort,
  AgentSight,
  AgentStart,
  LaunchPorts,
  LaunchStore,
  TrustPort,
  WorktreePort,
} from "./lifecycle/launch-ports.ts";
export type { MadeWorktree, WorktreePlan } from "./lifecycle/worktree.ts";
export {
  exitCodeOfLaunch,
  type LaunchError,
  type LaunchReport,
  type LaunchRun,
  type LaunchState,
  type MemberReport,
  type MemberState,
} from "./lifecycle/launch-run.ts";
export type { LaunchProgress, LaunchRequest } from "./stages/launch-facts.ts";
export { everyMember, type EffectiveMember, type Role, type Team, type TeamMember } from "./team/team.ts";
export {
  collectWorkspaces,
  earlyPairs,
  type Collected,
  type CollectOptions,
  type FolderFacts,
  type PlacedMember,
  type WorkspaceDiagnostic,
} from "./workspaces/collect-workspaces.ts";
export { trustPolicy, type TrustPolicy } from "./trust-policy.ts";
export { trustScope, type LaunchEntry, type TrustScope } from "./workspaces/trust-scope.ts";
export type { NotPersistable, Workspace, WorkspaceSource, WorkspaceUse } from "./workspaces/workspace.ts";
export type { Result } from "@gatehouse/std";
