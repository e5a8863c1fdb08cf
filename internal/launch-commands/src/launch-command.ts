import { paintFor, printFailure, printJson, type Io } from "@gatehouse/cli-kit";
import { homeOf } from "@gatehouse/fs-kit";
import { visibleLines } from "@gatehouse/std";
import { redactText, secretsIn } from "@trust/dialog-engine";
import { exitCodeOfLaunch, type LaunchRequest } from "@trust/team-launch";
import { launch } from "@trust/team-launch/node";
import { printExplanation } from "./explain-launch.ts";
import { heldAgentPort } from "./held-agent-port.ts";
import { readRequest, type LaunchFlags } from "./read-request.ts";
import { renderLaunch } from "./render-launch.ts";
import { showProgress } from "./show-progress.ts";
import { stayWith } from "./stay-with.ts";
import { withCommand, withCommands } from "./with-commands.ts";

/** Launches a team, or explains what that would do. Prints the outcome and returns the exit code. */
export const launchCommand = async (named: string, flags: LaunchFlags, io: Io): Promise<number> => {
  const { json: isJson = false, explain = false, stay = false } = flags;
  const read = await readRequest(named, flags, io);
  if (!read.ok) {
    printFailure(io, isJson, read.error);
    return 1;
  }
  const { request, warnings } = read.value;
  for (const warning of warnings) io.stderr.write(`warning: ${visibleLines(warning)}\n`);
  if (explain) return printExplanation(request, redactorOf(request), { isJson, io });
  const progress = showProgress(isJson ? null : io.stderr, paintFor(io));
  const ended = await launch(request, heldAgentPort(request, io.signal), {
    signal: io.signal,
    onProgress: progress.show,
    redact: redactorOf(request),
  });
  progress.end();
  if (!ended.ok) {
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

/** The one redactor: secrets of the environment, known shapes, and the names in the path of home. */
const redactorOf = ({ env }: LaunchRequest): ((text: string) => string) => {
  const [secrets, home] = [secretsIn(env), homeOf(env)];
  return (text) => redactText(text, secrets, home);
};
