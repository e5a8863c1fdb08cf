import { listHeld } from "@gatehouse/held-client";
import { launchingTeams } from "@trust/team-launch/node";

/** Maximum length of a team's name: see the team file. */
const mostCharacters = 64;

/** The name, or the first of `name-2`, `name-3`, ... without a running team. */
export const ownTeamName = (name: string, running: ReadonlySet<string>): string => {
  let own = name;
  for (let at = 2; running.has(own); at += 1) {
    const end = `-${at}`;
    own = name.slice(0, mostCharacters - end.length) + end;
  }
  return own;
};

/** The teams with an agent that has not ended, or with a running launch. */
export const runningTeams = async (dataDir: string): Promise<ReadonlySet<string>> => {
  const listed = await listHeld(dataDir);
  const agents = listed.ok ? listed.value.agents.filter(({ state }) => state !== "ended") : [];
  const teams = agents.flatMap(({ team }) => (team === null ? [] : [team]));
  return new Set([...teams, ...(await launchingTeams(dataDir))]);
};
