import { spawnSync } from "node:child_process";
import { startHost } from "../host/programs.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";

const floor = "node -e 0";

/** One process from start to end. */
const timed = (args: readonly string[]) => async (): Promise<Figure> => {
  const startedAt = performance.now();
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
  const value = performance.now() - startedAt;
  return status === 0 ? { ok: true, value } : { ok: false, error: stderr };
};

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
          { name: floor, run: timed(["-e", "0"]) },
          { name: "ncl groups get", run: timed(args) },
        ],
        dispose: host.dispose,
      },
    };
  },
};
