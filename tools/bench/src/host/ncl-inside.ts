import { execFileSync } from "node:child_process";
import { join } from "node:path";
import process from "node:process";
import Libsql from "libsql";
import { contender, timeOf, type Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { command } from "./ask.ts";
import { startSessions } from "./host.ts";

const floor = "node -e 0";

/** `ncl` of an agent: its frame goes by the agent's runner to the host, and the answer returns the same way. */
export const nclInside: Measurement = {
  name: "ncl-inside",
  title: "ncl of an agent, from its start to its end, and its frame alone",
  unit: "ms",
  floor,
  rounds: { full: 50, quick: 10 },
  prepare: async (_context, onEnd) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    const { dataDir } = await startSessions(built.value.gatehouse, 1, onEnd);
    const folder = nclFolderIn(dataDir);
    const run = async (...args: readonly string[]): Promise<void> =>
      void execFileSync(process.execPath, args, { env: { ...process.env, GATEHOUSE_DATA: folder } });
    const frame = () => command(join(folder, "ncl.sock"), "groups-get", {});
    return {
      ok: true,
      value: [
        contender(floor, () => timeOf(() => run("-e", "0"))),
        contender("ncl groups get, inside", () => timeOf(() => run(built.value.ncl, "groups", "get"))),
        contender("its frame, to the answer", () => timeOf(frame)),
      ],
    };
  },
};

/** The folder in which the runner of a host's only session listens for `ncl`. */
const nclFolderIn = (dataDir: string): string => {
  const database = new Libsql(`file:${join(dataDir, "gatehouse.db")}?mode=ro`, { timeout: 5_000 });
  const row: unknown = database.prepare("select value from session_values where key = 'ncl_folder'").get();
  database.close();
  return JSON.parse((row as { readonly value: string }).value) as string;
};
