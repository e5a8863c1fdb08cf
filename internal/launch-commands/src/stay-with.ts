import { pause } from "@gatehouse/fs-kit";
import { listHeld } from "@gatehouse/held-agents";
import { createProgressLine, type Io } from "@gatehouse/cli-kit";
import type { LaunchRequest } from "@trust/team-launch";

/** How often a person sees a change, ms. */
const everyMs = 500;

/** Shows what the team's agents are at until all have ended, or Ctrl-C. Ends none of them. */
export const stayWith = async ({ dataDir, team }: LaunchRequest, { stdout, signal }: Io): Promise<void> => {
  const line = createProgressLine(stdout);
  while (!signal.aborted) {
    const listed = await listHeld(dataDir);
    const own = listed.ok ? listed.value.agents.filter((agent) => agent.team === team.name) : [];
    const alive = own.filter(({ state }) => state !== "ended");
    if (listed.ok && alive.length === 0) break;
    line.show(alive.map(({ member, state }) => `${member} ${state}`).join("  "));
    await pause(everyMs, signal);
  }
  line.end();
};
