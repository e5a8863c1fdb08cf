export type { LaunchArguments } from "./arguments/launch-arguments.ts";
export { defaultFlags, type LaunchFlags } from "./flags.ts";
export type { Outcome } from "./outcome.ts";
export { everyMember, type EffectiveMember, type Role, type Team, type TeamMember } from "./team/team.ts";
export type { NotPersistable, Workspace, WorkspaceSource, WorkspaceUse } from "./workspaces/workspace.ts";
export type { Result } from "@gatehouse/std";
