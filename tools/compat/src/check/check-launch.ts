import { existsSync, readFileSync } from "node:fs";
import { offline, openBox } from "../box/box.ts";
import { startProblems, type Starts } from "./check-starts.ts";
import { pathFor, type InstalledCli } from "../clis/cli-cache.ts";
import { differs } from "./differs.ts";
import { endProcesses, findLeftovers, stillRunning } from "../box/leftovers.ts";
import { runPreflight, type Launch, type PreflightRun } from "../start/preflight-run.ts";
import type { Agent } from "../record/agents.ts";
import { resultProblems } from "./result-problems.ts";
import type { LaunchExpected, LaunchScenario } from "../scenarios/launch-scenario.ts";
import { filesOfUser } from "../box/state.ts";
import { forVersion } from "../clis/version.ts";

const launchProblems = (launch: Launch | undefined, { launchEnv }: LaunchExpected): string[] => [
  ...differs("the launch's environment", launch === undefined ? null : Object.keys(launch.env), launchEnv),
  ...((launch?.args.filter((arg) => arg === "-c").length ?? 0) > 1 ? ["the launch has several -c"] : []),
];

/**
 * Starts with the launch's arguments, then with only the arguments that keep the CLI from leaving programs
 * behind. The variables of a launch are not set, since its arguments have the same effect.
 */
const bothStarts = async (
  run: Starts,
  launch: Launch | undefined,
  { told, untold }: LaunchExpected,
): Promise<string[]> => [
  ...(await startProblems(run, told, launch?.args ?? [])),
  ...(await startProblems(run, untold, run.agent.args?.(run.cli.version) ?? [])),
];

const launchOf = ({ report }: PreflightRun, { provider }: InstalledCli): Launch | undefined =>
  report.launch?.[provider];

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, "utf8") : null);

/**
 * Runs one scenario against one CLI that gets trust at launch, in a new box: first preflight, then the CLI
 * with the launch and without it. Returns one sentence for each problem; an empty list means that it passed.
 */
export const checkLaunch = async (
  cli: InstalledCli,
  agent: Agent,
  scenario: LaunchScenario,
  signal: AbortSignal,
): Promise<string[]> => {
  const box = openBox();
  try {
    scenario.arrange(box);
    const expected = forVersion(scenario.expect, cli.version);
    const PATH = pathFor(cli.path, box.env["PATH"]);
    const env = { ...box.env, ...offline, PATH, ...scenario.env?.(box) };
    const [state, files] = [textOf(box.path(scenario.stateFile)), filesOfUser(box)];
    const preflight = await runPreflight(box, cli, scenario, { env, signal });
    if (!preflight.ok) return [preflight.error];
    const launch = launchOf(preflight.value, cli);
    return [
      ...resultProblems(box, preflight.value, expected),
      ...launchProblems(launch, expected),
      ...(await findLeftovers(box)),
      ...(await bothStarts({ box, cli, agent, env, signal }, launch, expected)),
      ...(await stillRunning(box)),
      ...differs(`the user's ${scenario.stateFile}`, textOf(box.path(scenario.stateFile)), state),
      ...differs("the user's files", filesOfUser(box), files),
    ];
  } finally {
    endProcesses(box);
    box.remove();
  }
};
