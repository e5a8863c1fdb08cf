import { offline } from "../box/box.ts";
import { inBox } from "../box/in-box.ts";
import { findLeftovers, stillRunning } from "../box/leftovers.ts";
import { filesOfUser, textOf } from "../box/state.ts";
import { pathFor, type InstalledCli } from "../clis/cli-cache.ts";
import { forVersion } from "../clis/version.ts";
import type { Agent } from "../record/agents.ts";
import type { LaunchExpected, LaunchScenario } from "../scenarios/launch-scenario.ts";
import { runPreflight, type Launch } from "../start/preflight-run.ts";
import { startProblems } from "./check-starts.ts";
import { differs } from "./differs.ts";
import { resultProblems } from "./result-problems.ts";

const launchProblems = (launch: Launch | undefined, { launchEnv }: LaunchExpected): string[] => [
  ...differs("the launch's environment", launch === undefined ? null : Object.keys(launch.env), launchEnv),
  ...((launch?.args.filter((arg) => arg === "-c").length ?? 0) > 1 ? ["the launch has several -c"] : []),
];

/**
 * Runs one scenario against one CLI that gets trust at launch, in a new box: first preflight, then the CLI
 * with the launch and without it. Returns one sentence for each problem; an empty list means that it passed.
 */
export const checkLaunch = (
  cli: InstalledCli,
  agent: Agent,
  scenario: LaunchScenario,
  signal: AbortSignal,
): Promise<string[]> =>
  inBox(async (box) => {
    scenario.arrange(box);
    const expected = forVersion(scenario.expect, cli.version);
    const PATH = pathFor(cli.path, box.env["PATH"]);
    const env = { ...box.env, ...offline, PATH, ...scenario.env?.(box) };
    const [state, files] = [textOf(box.path(scenario.stateFile)), filesOfUser(box)];
    const preflight = await runPreflight(box, cli, { folders: scenario.folders }, { env, signal });
    if (!preflight.ok) return [preflight.error];
    const launch = preflight.value.report.launch?.[cli.provider];
    const starts = { box, cli, agent, env, signal };
    return [
      ...resultProblems(box, preflight.value, expected),
      ...launchProblems(launch, expected),
      ...(await findLeftovers(box)),
      // The variables of a launch are not set, since its arguments have the same effect.
      ...(await startProblems(starts, expected.withLaunch, launch?.args ?? [])),
      ...(await startProblems(starts, expected.withoutLaunch)),
      ...(await stillRunning(box)),
      ...differs(`the user's ${scenario.stateFile}`, textOf(box.path(scenario.stateFile)), state),
      ...differs("the user's files", filesOfUser(box), files),
    ];
  });
