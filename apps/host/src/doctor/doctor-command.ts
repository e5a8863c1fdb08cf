import { renderDoctor, diagnose, type DoctorCheck, type DoctorFlags } from "@gatehouse/trust-cli";
import type { PostgresAddress } from "@gatehouse/postgres";
import { paintFor, printJson, type Io } from "@gatehouse/cli-kit";
import { chooseDatabase, type DatabaseFlags } from "@gatehouse/data-folder/choose-database";

/**
 * Checks the CLI that `gatehouse run` would start, with the same preflight, and the database if it is on a
 * server. Exit 1 if a check fails.
 */
export const doctorCommand = async (flags: DoctorFlags & DatabaseFlags, io: Io): Promise<number> => {
  const chosen = chooseDatabase(flags, io);
  if (chosen === null) return 2;
  const more = chosen.database === null ? [] : [await databaseCheck(chosen.database)];
  const report = await diagnose(flags, io.env, more);
  if (flags.json) printJson(io, report);
  else io.stdout.write(renderDoctor(report, paintFor(io), flags.all));
  return report.ok ? 0 : 1;
};

const databaseCheck = async (address: PostgresAddress): Promise<DoctorCheck> => {
  const { checkServer } = await import("@gatehouse/control-plane");
  return { name: "database", ...(await checkServer(address)) };
};
