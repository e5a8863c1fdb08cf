import { renderDoctor, diagnose, type DoctorFlags } from "@gatehouse/trust-cli";
import { dataFolder } from "@gatehouse/fs-kit";
import { paintFor, printJson, type Io } from "@gatehouse/cli-kit";
import { chooseCli } from "../run/choose-cli.ts";

/** Checks the CLI that `gatehouse run` would start, with the same preflight. Exit 1 if a check fails. */
export const doctorCommand = async (flags: DoctorFlags, io: Io): Promise<number> => {
  const dataDir = dataFolder(io.env, flags.data);
  const chosen = await chooseCli({ explicit: flags.cli.claude, dataDir, env: io.env });
  const report = await diagnose({ ...flags, cli: chosen === null ? flags.cli : { claude: chosen } }, io.env);
  if (flags.json) printJson(io, report);
  else io.stdout.write(renderDoctor(report, paintFor(io)));
  return report.ok ? 0 : 1;
};
