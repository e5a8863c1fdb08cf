import { offline, openBox } from "./box.ts";
import { startProblems } from "./check-starts.ts";
import { pathFor, type InstalledCli } from "./cli-cache.ts";
import { differs } from "./differs.ts";
import { endProcesses, findLeftovers, stillRunning } from "./leftovers.ts";
import type { OnRecordReader } from "./on-record.ts";
import { runPreflight } from "./preflight-run.ts";
import type { Agent } from "./record/agents.ts";
import { resultProblems } from "./result-problems.ts";
import type { AnsweredScenario, OnRecord } from "./scenarios/answered-scenario.ts";
import { filesOfUser } from "./state.ts";
import { forVersion } from "./version.ts";

const sorted = (record: OnRecord): OnRecord =>
  Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));

export type Answered = {
  readonly agent: Agent;
  readonly read: OnRecordReader;
  readonly scenario: AnsweredScenario;
};

/**
 * Runs one scenario against one CLI whose own dialog is answered, in a place of its own: preflight first, then the CLI as
 * it is. Every problem is a sentence; none means it passed.
 */
export const checkAnswered = async (
  cli: InstalledCli,
  { agent, read, scenario }: Answered,
  signal: AbortSignal,
): Promise<string[]> => {
  const box = openBox();
  try {
    scenario.arrange(box);
    const expected = forVersion(scenario.expect, cli.version);
    const PATH = pathFor(cli.path, box.env["PATH"]);
    const env = { ...box.env, ...offline, PATH, ...scenario.env?.(box) };
    const files = filesOfUser(box);
    const { folders, unasked, stateFolder } = scenario;
    const preflight = await runPreflight(box, cli, { folders, persist: !unasked }, { env, signal });
    if (!preflight.ok) return [preflight.error];
    return [
      ...resultProblems(box, preflight.value, expected),
      ...differs("what is on record", read(box, stateFolder), sorted(expected.recorded)),
      ...(await findLeftovers(box)),
      ...(await startProblems({ box, cli, agent, env, signal }, expected.then, [])),
      ...(await stillRunning(box)),
      ...differs("the user's files", filesOfUser(box), files),
    ];
  } finally {
    endProcesses(box);
    box.remove();
  }
};
