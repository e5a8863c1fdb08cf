export type { LaunchArguments } from "./arguments/launch-arguments.ts";
export { defaultFlags, type LaunchFlags } from "./flags.ts";
export type { LaunchArtifact } from "./artifact/launch-artifact.ts";
export type { StrategyResult, WorkspaceTrustPreflight } from "./artifact/workspace-trust-preflight.ts";
export type { ExplainedMember, LaunchExplanation } from "./lifecycle/explain-launch.ts";
export { lastOf, type JournalEntry } from "./lifecycle/journal.ts";
export type { AgentPort, AgentSight, AgentStart } from "./lifecycle/launch-ports.ts";
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
export type { Outcome } from "./outcome.ts";
export { everyMember, type EffectiveMember, type Role, type Team, type TeamMember } from "./team/team.ts";
export type { NotPersistable, Workspace, WorkspaceSource, WorkspaceUse } from "./workspaces/workspace.ts";
export type { Result } from "@gatehouse/std";
