import { fail, ok, type Result } from "@gatehouse/std";
import type { Provider } from "@trust/preflight";
import { limits } from "./limits.ts";
import type { Team, TeamMember } from "./team.ts";

export type AgentCountProblem = { readonly code: "bad-agent-count"; readonly most: number };

/**
 * A team without a file: `count` agents (1 to 1,000, the lead among them) of one provider in one folder, named
 * `agent-1` and so on. The team is named after the folder. `folder` is absolute.
 */
export const teamOfAgents = (
  count: number,
  provider: Provider,
  folder: string,
): Result<Team, AgentCountProblem> => {
  const most = limits.members + 1;
  if (!Number.isInteger(count) || count < 1 || count > most) return fail({ code: "bad-agent-count", most });
  const agent = (at: number): TeamMember => ({
    name: `agent-${at}`,
    role: at === 1 ? "lead" : "member",
    provider,
    folder,
    worktree: false,
  });
  return ok({
    name: nameOf(folder),
    lead: agent(1),
    members: Array.from({ length: count - 1 }, (_, index) => agent(index + 2)),
  });
};

/** The last name of a path, reduced to the letters that a team's name may have. */
const nameOf = (folder: string): string => {
  const last = folder.split(/[\\/]/).findLast((name) => name !== "") ?? "";
  const letters = last.replace(/[^A-Za-z0-9._-]+/g, "-").replace(/^[^A-Za-z0-9]+/, "");
  return letters.slice(0, limits.nameCharacters) || "agents";
};
