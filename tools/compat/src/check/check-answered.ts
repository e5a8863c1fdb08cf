import type { Result } from "@gatehouse/std";
import { offline } from "../box/box.ts";
import { inBox } from "../box/in-box.ts";
import { findLeftovers, stillRunning } from "../box/leftovers.ts";
import type { OnRecordReader } from "../box/on-record.ts";
import { filesOfUser } from "../box/state.ts";
import { pathFor, type InstalledCli } from "../clis/cli-cache.ts";
import { forVersion } from "../clis/version.ts";
import type { Agent } from "../record/agents.ts";
import type { AnsweredScenario, OnRecord } from "../scenarios/answered-scenario.ts";
import { runPreflight, type PreflightRun } from "../start/preflight-run.ts";
import { startProblems } from "./check-starts.ts";
import { differs } from "./differs.ts";
import { resultProblems } from "./result-problems.ts";

const sorted = (record: OnRecord): OnRecord =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

/**
 * Joins several preflights into one result with all their folders; or the reason why one of them left no
 * report.
 */
const asOne = (runs: readonly Result<PreflightRun, string>[]): Result<PreflightRun, string> => {
  const silent = runs.find(({ ok }) => !ok);
  if (silent !== undefined) return silent;
  const ended = runs.flatMap((run) => (run.ok ? [run.value] : []));
  const { exitCode } = ended.find((run) => run.exitCode !== 0) ?? { exitCode: 0 };
  const results = ended.flatMap(({ report }) => report.results);
  return { ok: true, value: { exitCode, report: { ok: ended.every(({ report }) => report.ok), results } } };
};

export type Answered = {
  readonly agent: Agent;
  readonly read: OnRecordReader;
  readonly scenario: AnsweredScenario;
};

/**
 * Runs one scenario against one CLI that records trust, in a new box: first preflight, then the CLI plainly.
 * Returns one sentence for each problem; an empty list means that it passed.
 */
export const checkAnswered = (
  cli: InstalledCli,
  { agent, read, scenario }: Answered,
  signal: AbortSignal,
): Promise<string[]> =>
  inBox(async (box) => {
    scenario.arrange(box);
    const expected = forVersion(scenario.expect, cli.version);
    const PATH = pathFor(cli.path, box.env["PATH"]);
    const env = { ...box.env, ...offline, PATH, ...scenario.env?.(box) };
    const files = filesOfUser(box);
    const { folders, meanwhile, unasked, stateFolder, via } = scenario;
    const atOnce = meanwhile === undefined ? [folders] : [folders, meanwhile];
    const preflights = await Promise.all(
      atOnce.map((own) => runPreflight(box, cli, { folders: own, persist: !unasked, via }, { env, signal })),
    );
    const preflight = asOne(preflights);
    if (!preflight.ok) return [preflight.error];
    return [
      ...resultProblems(box, preflight.value, expected),
      ...differs("what is on record", read(box, stateFolder), sorted(expected.recorded)),
      ...(await findLeftovers(box)),
      ...(await startProblems({ box, cli, agent, env, signal }, expected.then)),
      ...(await stillRunning(box)),
      ...differs("the user's files", filesOfUser(box), files),
    ];
  });
