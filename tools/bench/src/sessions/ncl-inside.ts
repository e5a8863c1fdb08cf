import { join } from "node:path";
import { ask } from "../host/ask.ts";
import { nclFolderIn } from "../host/ncl-folder.ts";
import { startSessions } from "../host/sessions.ts";
import { timeProcess } from "../host/time-process.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";

const floor = "node -e 0";
const ours = "ncl groups get, inside";
const roundTrip = "its frame, to the answer";

/**
 * `ncl` of an agent: its frame goes through the session's rows to the host, and the answer returns the same
 * way.
 */
export const nclInside: Measurement = {
  name: "ncl-inside",
  title: "ncl in an agent's container, from its start to its end, and its frame alone",
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 1.25 }, [roundTrip]: { figureAtMost: 10 } },
  rounds: { full: 50, quick: 10 },
  prepare: async () => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const host = await startSessions(built.value.gatehouse, 1);
    const folder = nclFolderIn(host.dataDir);
    const env = { ...process.env, GATEHOUSE_DATA: folder };
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: async () => timeProcess(["-e", "0"]) },
          { name: ours, run: async () => timeProcess([built.value.ncl, "groups", "get"], env) },
          { name: roundTrip, run: () => asked(join(folder, "ncl.sock")) },
        ],
        dispose: host.dispose,
      },
    };
  },
};

const asked = async (path: string): Promise<Figure> => {
  const startedAt = performance.now();
  const answer = await ask(path, { id: "1", command: "groups-get", args: {} });
  const value = performance.now() - startedAt;
  return (JSON.parse(answer) as { ok: boolean }).ok ? { ok: true, value } : { ok: false, error: answer };
};
