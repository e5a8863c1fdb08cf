import { contender, type Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { startHost, type Host } from "./host.ts";

const floor = "an agent that is a process";

/** From a person's first message to a group, whose agent does not run yet, to the answer. */
export const coldAnswer: Measurement = {
  name: "cold-answer",
  title: "The first message to a new group, to its answer (echo)",
  unit: "ms",
  floor,
  rounds: { full: 30, quick: 5 },
  prepare: async (_context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { gatehouse } = built.value;
    const first = async (host: Host): Promise<number> => (await host.openGroup()).roundTrip("hello");
    const hosts = {
      [floor]: await startHost(gatehouse, { provider: "echo" }, onEnd),
      "an agent in a sandbox": await startHost(gatehouse, { provider: "echo", runtime: "sandbox" }, onEnd),
    };
    return {
      ok: true,
      value: Object.entries(hosts).map(([name, host]) => contender(name, () => first(host))),
    };
  },
};
