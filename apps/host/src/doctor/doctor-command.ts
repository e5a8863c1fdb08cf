import { existsSync } from "node:fs";
import { join } from "node:path";
import { renderDoctor, diagnose, type DoctorCheck, type DoctorFlags } from "@gatehouse/trust-cli";
import { dataFolder } from "@gatehouse/fs-kit";
import type { PostgresAddress } from "@gatehouse/postgres";
import { paintFor, printJson, type Io } from "@gatehouse/cli-kit";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";

/**
 * Checks the CLI that `gatehouse run` would start, with the same preflight, the database if it is on a server, and the
 * agents of a host that runs. Exit 1 if a check fails.
 */
export const doctorCommand = async (flags: DoctorFlags & DatabaseFlags, io: Io): Promise<number> => {
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const more = [
    ...(chosen.database === null ? [] : [await databaseCheck(chosen.database)]),
    ...(await agentsCheck(dataFolder(io.env, flags.data))),
  ];
  const report = await diagnose(flags, io.env, more);
  if (flags.json) printJson(io, report);
  else io.stdout.write(renderDoctor(report, paintFor(io), flags.all));
  return report.ok ? 0 : 1;
};

/** None where no host runs. */
const agentsCheck = async (dataDir: string): Promise<readonly DoctorCheck[]> => {
  const state = existsSync(join(dataDir, "agents.json")) ? await stateOfHost(dataDir) : null;
  return state === null ? [] : [{ name: "agents", ...state }];
};

const stateOfHost = async (dataDir: string) => {
  const { checkAgents, readWireState } = await import("@gatehouse/sessions");
  const [{ findHost }, { hostFilesIn }, { thisMachine }] = await Promise.all([
    import("@gatehouse/user-directory"),
    import("@gatehouse/data-folder"),
    import("@nc/user-wizard/node"),
  ]);
  const isRunning = (await findHost(thisMachine, hostFilesIn(dataDir))) !== null;
  const state = isRunning ? await readWireState(dataDir) : null;
  return state === null ? null : checkAgents(state, Date.now());
};

const databaseCheck = async (address: PostgresAddress): Promise<DoctorCheck> => {
  const { checkServer } = await import("@gatehouse/control-plane");
  return { name: "database", ...(await checkServer(address)) };
};
