import { pause } from "@gatehouse/fs-kit";
import { listHeld, type HeldAgent } from "@gatehouse/held-client";
import { paintFor, type Io } from "@gatehouse/cli-kit";
import type { LaunchRequest } from "@trust/team-launch";
import { liveTable } from "./live-table.ts";
import type { TableRow } from "./render-table.ts";

/** Time between two updates, ms. */
const everyMs = 500;

/** Shows the states of the team's agents until all have ended, or Ctrl-C detaches. Ends no agent. */
export const stayWith = async ({ dataDir, team }: LaunchRequest, io: Io): Promise<void> => {
  const { stdout, signal } = io;
  const table = liveTable(stdout, paintFor(io));
  let alive = 0;
  while (!signal.aborted) {
    const listed = await listHeld(dataDir);
    if (listed.ok) {
      const own = listed.value.agents.filter((agent) => agent.team === team.name);
      alive = own.filter(({ state }) => state !== "ended").length;
      table.show(`${team.name}: Ctrl-C detaches, the agents keep running`, own.map(rowOf));
      if (alive === 0) break;
    }
    await pause(everyMs, signal);
  }
  table.end();
  stdout.write(
    alive === 0
      ? "All agents have ended.\n"
      : `Detached from ${alive} agents: gatehouse ps, or gatehouse stop ${team.name}\n`,
  );
};

const rowOf = ({ member, provider, state, since, question, exitCode }: HeldAgent): TableRow => {
  const why = state === "ended" ? `exit ${exitCode ?? "?"}` : question?.text;
  return { member, provider, state, since: Date.parse(since), ...(why === undefined ? {} : { why }) };
};
