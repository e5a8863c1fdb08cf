import type { LaunchError } from "../lifecycle/launch-run.ts";
import { everyMember, type Team, type TeamMember } from "../team/team.ts";
import type { LaunchFacts } from "./launch-facts.ts";

type RunningFacts = Pick<LaunchFacts, "request" | "previousTeam" | "agents">;

/** Why a member whose agent runs on is not as the team file says; null if it is. */
export const runsOnUnchanged = (name: string, facts: RunningFacts): LaunchError | null => {
  const [now, before] = [memberIn(facts.request.team, name), memberBefore(name, facts)];
  if (now === null || before === null) return null;
  const changed = (["model", "prompt"] as const).filter((key) => now[key] !== before[key]);
  if (changed.length === 0) return null;
  const team = facts.request.team.name;
  return {
    code: "runs-as-it-was",
    message: `${team}/${name} runs on as it was started: with another ${changed.join(" and ")}.`,
    fix: `stop ${team}/${name}, and launch again`,
  };
};

/** The team as it runs: a member that runs on keeps the model and the prompt that it was started with. */
export const teamToStore = (facts: RunningFacts): Team => {
  const stored = (member: TeamMember): TeamMember => {
    const before = memberBefore(member.name, facts);
    if (before === null) return member;
    const { name, role, provider, folder, worktree } = member;
    const { model, prompt } = before;
    return {
      ...{ name, role, provider, folder, worktree },
      ...(model === undefined ? {} : { model }),
      ...(prompt === undefined ? {} : { prompt }),
    };
  };
  const { lead, members, name } = facts.request.team;
  return { name, lead: stored(lead), members: members.map(stored) };
};

/** The member as its running agent was started; null if none runs, or nobody knows. */
const memberBefore = (name: string, { agents, previousTeam }: RunningFacts): TeamMember | null =>
  agents.has(name) && previousTeam !== null ? memberIn(previousTeam, name) : null;

const memberIn = (team: Team, name: string): TeamMember | null =>
  everyMember(team).find((member) => member.name === name) ?? null;
