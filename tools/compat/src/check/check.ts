import { offline, type Box } from "../box/box.ts";
import { inBox } from "../box/in-box.ts";
import { findLeftovers, lockProblems } from "../box/leftovers.ts";
import { filesOfUser, moreThanTrust, readLedger, readState, trustedKeys } from "../box/state.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { agents } from "../record/agents.ts";
import { expectedOf, type Run } from "../scenarios/rungs.ts";
import type { Expected, Scenario, Via } from "../scenarios/scenario.ts";
import { runPreflight, type RunOptions } from "../start/preflight-run.ts";
import { startPlainly } from "../start/start-plainly.ts";
import { differs } from "./differs.ts";
import { resultProblems } from "./result-problems.ts";

/** Compares the state on disk with the expected one; `before` is its text before the run that counts. */
const stateProblems = (box: Box, scenario: Scenario, expected: Expected, before: string | null): string[] => {
  const state = readState(box, scenario);
  const keys = expected.trusted.map(box.path).sort();
  return [
    ...differs("what is trusted on disk", trustedKeys(state), keys),
    ...(expected.untouched && state !== before ? ["the state file was written"] : []),
    ...(scenario.stateFolder === undefined
      ? []
      : differs(
          "what is trusted in HOME",
          trustedKeys(readState(box, { ...scenario, stateFolder: "" })),
          [],
        )),
  ];
};

/** Starts the CLI in every folder, one after the other, and compares its questions. */
const startProblems = async (
  box: Box,
  cli: InstalledCli,
  { folders }: Scenario,
  { afterwards }: Expected,
  { env, signal }: RunOptions,
): Promise<string[]> => {
  const problems: string[] = [];
  for (const folder of afterwards === null ? [] : folders) {
    const { shown, screen } = await startPlainly(cli.path, { cwd: box.path(folder), env, signal });
    if (shown !== afterwards)
      problems.push(`${folder}: the CLI then shows ${shown}, not ${afterwards}\n${screen}`);
  }
  return problems;
};

/**
 * Checks that every recorded consent names this rung. Over the control protocol the CLI records only trust.
 */
const rungProblems = (box: Box, scenario: Scenario, via: Via): string[] => [
  ...differs(
    "what the ledger says of another rung",
    readLedger(box).filter((entry) => via !== "auto" && entry.via !== via),
    [],
  ),
  ...(via === "control"
    ? differs("what is recorded in addition to trust", moreThanTrust(readState(box, scenario)), [])
    : []),
];

/**
 * Runs one scenario by one rung against one CLI in a new box. Returns one sentence for each problem; an empty
 * list means that it passed.
 */
export const checkScenario = (
  cli: InstalledCli,
  { scenario, run }: { readonly scenario: Scenario; readonly run: Run },
  signal: AbortSignal,
): Promise<string[]> =>
  inBox(async (box) => {
    if (!scenario.fresh) agents.claude.setUp(box);
    scenario.arrange(box);
    const expected = expectedOf(run, cli.version);
    const asked = { folders: scenario.folders, consents: scenario.consents, via: run.via };
    const options = { env: { ...box.env, ...offline, ...scenario.env?.(box) }, signal };
    const files = filesOfUser(box);
    for (let earlier = 1; earlier < (scenario.runs ?? 1); earlier += 1)
      await runPreflight(box, cli, asked, options);
    const before = readState(box, scenario);
    const preflight = await runPreflight(box, cli, asked, options);
    if (!preflight.ok) return [preflight.error];
    return [
      ...resultProblems(box, preflight.value, expected),
      ...stateProblems(box, scenario, expected, before),
      ...rungProblems(box, scenario, run.via),
      ...(await findLeftovers(box)),
      ...lockProblems(box, scenario, expected),
      ...differs("the user's files", filesOfUser(box), files),
      ...(await startProblems(box, cli, scenario, expected, options)),
    ];
  });
