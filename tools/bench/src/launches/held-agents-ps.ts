import type { Measurement } from "../measurement.ts";
import { timeProcess } from "../host/time-process.ts";
import { builtPrograms } from "../programs.ts";
import { startHeldTeam } from "./held-team.ts";

const floor = "node -e 0";
const ours = "gatehouse ps";
const bounded = "gatehouse ps, less 2 ms an agent";
const agents = 20;

/**
 * The promise is 1.5 times the start of Node plus 2 ms an agent, so these milliseconds are subtracted before
 * the comparison.
 */
export const heldAgentsPs: Measurement = {
  name: "held-agents-ps",
  title: `gatehouse ps, from its start to its end, with ${agents} held agents`,
  unit: "ms",
  floor,
  bounds: { [bounded]: { atMost: 1.5 } },
  rounds: { full: 50, quick: 10 },
  prepare: async ({ cli }) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { gatehouse } = built.value;
    const team = await startHeldTeam({ gatehouse, count: agents, cli });
    const args = [gatehouse, "ps", "--data", team.dataDir];
    const isWhole = (stdout: string): boolean => stdout.split("\n").length === agents + 2;
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: async () => timeProcess(["-e", "0"]) },
          { name: ours, run: async () => timeProcess(args, process.env, isWhole) },
        ],
        derived: [{ name: bounded, from: (figures) => lessAgents(figures.get(ours)) }],
        notes: () => [`Each agent is ${team.kind}.`],
        dispose: team.dispose,
      },
    };
  },
};

const lessAgents = (figure: number | undefined): number | undefined =>
  figure === undefined ? undefined : figure - 2 * agents;
