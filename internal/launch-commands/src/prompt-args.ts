import type { Provider } from "@trust/preflight";
import { everyMember, type Team, type TeamMember } from "@trust/team-launch";

/** How a CLI takes its first message on its command line; a CLI that is missing here takes none. */
const promptFlags: { readonly [P in Provider]?: readonly string[] } = {
  claude: [],
  codex: [],
  pi: [],
  gemini: ["--prompt-interactive"],
  qwen: ["--prompt-interactive"],
  copilot: ["--interactive"],
  opencode: ["--prompt"],
};

type Prompted = Pick<TeamMember, "prompt" | "provider">;

/**
 * A message that begins with a dash would be read as a flag, and one of a single word as a subcommand (`update`).
 * A space in front of it changes nothing else.
 */
export const promptArgs = ({ prompt, provider }: Prompted): readonly string[] => {
  const flags = promptFlags[provider];
  if (prompt === undefined || flags === undefined) return [];
  return [...flags, /^-|^\S+$/.test(prompt) ? ` ${prompt}` : prompt];
};

/** A sentence for each member whose prompt cannot be passed to its CLI. */
export const promptWarnings = (team: Team): readonly string[] =>
  everyMember(team)
    .filter(({ prompt, provider }) => prompt !== undefined && promptFlags[provider] === undefined)
    .map(
      ({ name, provider }) =>
        `${name} starts without its prompt: ${provider} takes none when it starts. Once it is ready: gatehouse send ${team.name}/${name} TEXT`,
    );
