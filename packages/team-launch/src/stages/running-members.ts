import type { LaunchError } from "../lifecycle/launch-run.ts";
import { everyMember, type Team, type TeamMember } from "../team/team.ts";
import type { LaunchFacts } from "./launch-facts.ts";

type RunningFacts = Pick<LaunchFacts, "request" | "previousTeam" | "agents">;

/** The warning for a running member whose model or prompt differs from the team file; null if they are the same. */
export const changedSinceStart = (name: string, facts: RunningFacts): LaunchError | null => {
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

/** The team to store: a running member keeps the model and the prompt with which it was started. */
export const teamToStore = (facts: RunningFacts): Team => {
  const stored = (member: TeamMember): TeamMember => {
    const before = memberBefore(member.name, facts);
    if (before === null) return member;
    const { name, role, provider, folder, worktree } = member;
    const { model, prompt } = before;
    return {
      name,
      role,
      provider,
      folder,
      worktree,
      ...(model === undefined ? {} : { model }),
      ...(prompt === undefined ? {} : { prompt }),
    };
  };
  const { lead, members, name } = facts.request.team;
  return { name, lead: stored(lead), members: members.map(stored) };
};

/** The member as its running agent was started; null if no agent runs, or if that is unknown. */
const memberBefore = (name: string, { agents, previousTeam }: RunningFacts): TeamMember | null =>
  agents.has(name) && previousTeam !== null ? memberIn(previousTeam, name) : null;

const memberIn = (team: Team, name: string): TeamMember | null =>
  everyMember(team).find((member) => member.name === name) ?? null;
