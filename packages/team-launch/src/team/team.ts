import type { Provider } from "@trust/preflight";

/** A team as its file describes it: checked, with absolute folders. The disk was not read. */
export type Team = {
  readonly name: string;
  readonly lead: TeamMember;
  /** The members without the lead. May be empty. */
  readonly members: readonly TeamMember[];
};

export type Role = "lead" | "member";

export type TeamMember = {
  /** Unique within its team, letter case ignored. A member is addressed as `team/name`. */
  readonly name: string;
  readonly role: Role;
  readonly provider: Provider;
  /** The provider's own name of a model. Without it the CLI's default is used. */
  readonly model?: string;
  /** The first message to the agent. */
  readonly prompt?: string;
  /** Absolute. It may not exist: planning finds out. */
  readonly folder: string;
  /** The launch makes a git worktree of `folder` for this member, and removes only what it made. */
  readonly worktree: boolean;
};

/** A member with the folder in which it will work: `folder`, or its worktree. Absolute. */
export type EffectiveMember = TeamMember & { readonly cwd: string };

/** The lead first, then the members in the order of the file. */
export const everyMember = <M extends TeamMember>({
  lead,
  members,
}: {
  readonly lead: M;
  readonly members: readonly M[];
}): readonly M[] => [lead, ...members];
