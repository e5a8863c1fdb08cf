import { exitCodeOf } from "@trust/preflight";
import {
  renderAlarms,
  renderReport,
  reportWithFlags,
  requestFrom,
  type PreflightFlags,
  createProgressLines,
} from "@gatehouse/trust-cli";
import { runPreflight } from "@trust/preflight/node";
import { paintFor, printJson, type Io } from "@gatehouse/cli-kit";

/** Prepares the folders, prints the report, and returns the exit code. */
export const preflightCommand = async (
  folders: readonly string[],
  flags: PreflightFlags,
  io: Io,
): Promise<number> => {
  const request = await requestFrom(folders, flags, io);
  const lines = createProgressLines(io.stderr, folders.length * Math.max(1, flags.provider.length));
  const report = await runPreflight(request, { signal: io.signal, onProgress: lines.show });
  lines.clear();
  if (flags.json) printJson(io, reportWithFlags(report));
  else io.stdout.write(renderReport(report, paintFor(io)));
  io.stderr.write(renderAlarms(report) + lines.closing(report));
  return exitCodeOf(report);
};
