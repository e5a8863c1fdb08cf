import { existsSync, readFileSync } from "node:fs";
import { offline, openBox, type Box } from "./box.ts";
import type { InstalledCli } from "./cli-cache.ts";
import { differs } from "./differs.ts";
import { endProcesses, findLeftovers, stillRunning } from "./leftovers.ts";
import { runPreflight, type Launch, type PreflightRun } from "./preflight-run.ts";
import type { Agent } from "./record/agents.ts";
import { resultProblems } from "./result-problems.ts";
import type { ExpectedStart, LaunchExpected, LaunchScenario } from "./scenarios/launch-scenario.ts";
import { startUnanswered } from "./start-unanswered.ts";
import { filesOfUser } from "./state.ts";
import { forVersion } from "./version.ts";

type Run = {
  readonly box: Box;
  readonly cli: InstalledCli;
  readonly agent: Agent;
  /** What preflight was run with. Of a launch's variables it holds those that are not said by its arguments too. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** Starts the CLI in every folder, one after the other, and compares where that ends. */
const startProblems = async (
  { box, cli, agent, env, signal }: Run,
  starts: readonly ExpectedStart[],
  args: readonly string[],
): Promise<string[]> => {
  const problems: string[] = [];
  for (const { folder, asks } of starts) {
    const start = await startUnanswered(cli.path, agent.pack, { args, cwd: box.path(folder), env, signal });
    if (start.asks !== asks)
      problems.push(
        `${folder}: ${[cli.provider, ...args].join(" ")} ends at ${start.asks}, not ${asks}\n${start.screen}`,
      );
  }
  return problems;
};

const launchProblems = (launch: Launch | undefined, { launchEnv }: LaunchExpected): string[] => [
  ...differs("the launch's environment", launch?.env ?? null, launchEnv),
  ...((launch?.args.filter((arg) => arg === "-c").length ?? 0) > 1 ? ["the launch has several -c"] : []),
];

/** Told by the launch, then with no more than keeps the CLI from leaving programs behind. */
const bothStarts = async (
  run: Run,
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
 * Runs one scenario against one CLI that is told at launch, in a place of its own: preflight first, then the CLI with the
 * launch and without it. Every problem is a sentence; none means it passed.
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
    const env = { ...box.env, ...offline, ...scenario.env?.(box) };
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
