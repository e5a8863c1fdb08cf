import type { TeamMember } from "@trust/team-launch";

/** How a member's prompt reaches its CLI. */
export type PromptPassed = {
  /** Typed by its holder once it is ready. */
  readonly typed?: string;
  /** On the CLI's own command line. */
  readonly args: readonly string[];
};

/**
 * A prompt is typed, as `send` does: on a command line every account of the machine could read it. Only OpenCode gets
 * it there, since no rule reads its screen.
 */
export const promptOf = ({ prompt, provider }: Pick<TeamMember, "prompt" | "provider">): PromptPassed => {
  if (prompt === undefined) return { args: [] };
  if (provider !== "opencode") return { typed: prompt, args: [] };
  // One that begins with a dash would be read as a flag. A space in front of it changes nothing else.
  return { args: ["--prompt", prompt.startsWith("-") ? ` ${prompt}` : prompt] };
};
