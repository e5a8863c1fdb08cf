import { renderDoctor, diagnose, type DoctorFlags } from "@gatehouse/trust-cli";
import { paintFor, printJson, type Io } from "@gatehouse/cli-kit";

/** Prints the findings. Returns the exit code: 1 if something is missing. */
export const doctorCommand = async (flags: DoctorFlags, io: Io): Promise<number> => {
  const report = await diagnose(flags, io.env);
  if (flags.json) printJson(io, report);
  else io.stdout.write(renderDoctor(report, paintFor(io), flags.all));
  return report.ok ? 0 : 1;
};
