import type { Pair } from "@trust/preflight";
import type { Team, TeamMember } from "@trust/team-launch";

/** A team with a member for each pair. */
export const teamOfPairs = (name: string, pairs: readonly Pair[]): Team => {
  const [lead, ...members] = pairs.map(({ folder, provider }, index): TeamMember => ({
    ...{ name: `member-${index}`, role: index === 0 ? "lead" : "member" },
    ...{ provider, folder, worktree: false },
  }));
  if (lead === undefined) throw new TypeError("a team has at least its lead");
  return { name, lead, members };
};
