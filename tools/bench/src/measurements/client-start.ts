import { startHost } from "../host/programs.ts";
import { timeProcess } from "../host/time-process.ts";
import type { Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";

const floor = "node -e 0";

export const clientStart: Measurement = {
  name: "ncl-start",
  title: "ncl groups get, from its start to its end, with the host's answer",
  unit: "ms",
  floor,
  bounds: { "ncl groups get": { atMost: 1.25 } },
  rounds: { full: 50, quick: 10 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const host = await startHost(built.value.gatehouse);
    const args = [built.value.ncl, "groups", "get", host.groupId, "--socket", host.path];
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: async () => timeProcess(["-e", "0"]) },
          { name: "ncl groups get", run: async () => timeProcess(args) },
        ],
        dispose: host.dispose,
      },
    };
  },
};
