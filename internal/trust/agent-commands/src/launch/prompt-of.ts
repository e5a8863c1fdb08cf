import type { TeamMember } from "@trust/team-launch";

/** How a member's prompt reaches its CLI. */
export type PromptPassed = {
  /** The holder types it once the agent is ready. */
  readonly typed?: string;
  /** Arguments for the CLI's command line. */
  readonly args: readonly string[];
};

/**
 * A prompt is typed, as by `send`: every account of the machine could read it on a command line. Only
 * OpenCode gets it as an argument, since no rule reads its screen.
 */
export const promptOf = ({ prompt, provider }: Pick<TeamMember, "prompt" | "provider">): PromptPassed => {
  if (prompt === undefined) return { args: [] };
  if (provider !== "opencode") return { typed: prompt, args: [] };
  // A prompt with a leading dash would be read as a flag. A leading space prevents that, and changes nothing
  // else.
  return { args: ["--prompt", prompt.startsWith("-") ? ` ${prompt}` : prompt] };
};
