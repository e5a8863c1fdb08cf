import { paintFor, printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { homeOf } from "@gatehouse/fs-kit";
import { visibleLines } from "@gatehouse/std";
import { redactText, secretsIn } from "@trust/dialog-engine";
import { exitCodeOfLaunch, type LaunchRequest } from "@trust/team-launch";
import { launch } from "@trust/team-launch/node";
import { printExplanation } from "./explain-launch.ts";
import { heldAgentPort } from "./held-agent-port.ts";
import { readRequest, type LaunchFlags } from "./read-request.ts";
import { renderLaunch, withCommand, withCommands } from "./render-launch.ts";
import { showProgress, stayWith } from "./show-progress.ts";

/** Launches a team, or explains what a launch would do. Prints the outcome and returns the exit code. */
export const launchCommand = async (
  named: string,
  flags: LaunchFlags,
  io: Io,
  adapter: string | null,
): Promise<number> => {
  const { json: isJson = false, explain = false } = flags;
  for (;;) {
    const read = await readRequest(named, flags, io);
    if (!read.ok) {
      printFailure(io, isJson, read.error);
      return 1;
    }
    const { request, warnings } = read.value;
    for (const warning of warnings) io.stderr.write(`warning: ${visibleLines(warning)}\n`);
    if (explain) return printExplanation(request, redactorOf(request), { isJson, io });
    const code = await launchOnce(request, flags, io, adapter);
    // A concurrent `--agents` took the name: the next round sees its team, and takes another name.
    if (code !== "team-runs") return code;
  }
};

/**
 * Launches, prints the outcome, and returns the exit code; `team-runs` if nothing was launched because the
 * team runs already.
 */
const launchOnce = async (
  request: LaunchRequest,
  { json: isJson = false, stay = false }: LaunchFlags,
  io: Io,
  adapter: string | null,
): Promise<number | "team-runs"> => {
  const progress = showProgress(isJson ? null : io.stderr, paintFor(io));
  const ended = await launch(request, heldAgentPort(request, io.signal, adapter), {
    signal: io.signal,
    onProgress: progress.show,
    redact: redactorOf(request),
  });
  progress.end();
  if (!ended.ok) {
    if (ended.error.code === "team-runs") return "team-runs";
    printFailure(io, isJson, withCommand(ended.error, { team: request.team.name }));
    return ended.error.code === "cancelled" ? 130 : 1;
  }
  const report = withCommands(ended.value);
  if (isJson) printJson(io, report);
  else io.stdout.write(renderLaunch(report, paintFor(io)));
  if (stay && !isJson && io.stdout.isTTY === true && ended.value.launch.state !== "blocked")
    await stayWith(request, io);
  return exitCodeOfLaunch(ended.value);
};

/** The redactor for all output: secrets in the environment, known shapes, and names in the path of home. */
const redactorOf = ({ env }: LaunchRequest): ((text: string) => string) => {
  const [secrets, home] = [secretsIn(env), homeOf(env)];
  return (text) => redactText(text, secrets, home);
};
