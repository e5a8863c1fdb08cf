export { launchArguments, type LaunchArguments } from "./arguments/launch-arguments.ts";
export { launchSurfaces, patchArguments, type SettingsPatch } from "./arguments/patch-arguments.ts";
export { explain, type Explained, type Explanation } from "./problem-messages.ts";
export { recogniseFailure, type TrustFailure } from "./failure/recognise-failure.ts";
export { defaultFlags, readFlags, type LaunchFlags } from "./flags.ts";
export { outcomeOf, outcomes, worstFirst, type Outcome } from "./outcome.ts";
export { readTeam } from "./team/read-team.ts";
export { teamOfAgents } from "./team/team-of-agents.ts";
export type { Place, Position, TeamProblem } from "./team/team-problem.ts";
export type { ExplainedMember, LaunchExplanation } from "./lifecycle/explain-launch.ts";
export { lastOf, type JournalEntry } from "./lifecycle/journal.ts";
export type { AgentPort, AgentSight, AgentStart } from "./lifecycle/launch-ports.ts";
export {
  exitCodeOfLaunch,
  type LaunchError,
  type LaunchReport,
  type LaunchState,
  type MemberReport,
} from "./lifecycle/launch-run.ts";
export type { LaunchProgress, LaunchRequest } from "./stages/launch-facts.ts";
export { everyMember, type Role, type Team, type TeamMember } from "./team/team.ts";
export { collectWorkspaces } from "./workspaces/collect-workspaces.ts";
export { trustScope } from "./workspaces/trust-scope.ts";
export type { Workspace } from "./workspaces/workspace.ts";
export type { Result } from "@gatehouse/std";
