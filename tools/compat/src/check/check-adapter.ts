import { existsSync, readFileSync } from "node:fs";
import { explainCast, parseCast, type RulePack } from "@trust/dialog-engine";
import { offline, openBox, type Box } from "../box/box.ts";
import { endProcesses, findLeftovers } from "../box/leftovers.ts";
import { filesOfUser } from "../box/state.ts";
import { pathFor, type InstalledCli } from "../clis/cli-cache.ts";
import type { AdapterScenario } from "../scenarios/adapter.ts";
import { runAdapter, type AdapterEvent, type AdapterRun } from "../start/adapter-run.ts";
import { runPreflight } from "../start/preflight-run.ts";
import { differs } from "./differs.ts";

const textOf = (file: string): string | null => (existsSync(file) ? readFileSync(file, "utf8") : null);

const nameOf = ({ event, code }: AdapterEvent): string => [event, code].filter(Boolean).join(" ");

/** The last screen of the recording that the last event names; null if it names none. */
const lastRecorded = ({ events }: AdapterRun, pack: RulePack): string | null => {
  const file = events.at(-1)?.recording;
  if (file === undefined) return null;
  const cast = parseCast(readFileSync(file, "utf8"));
  return cast.ok ? (explainCast(cast.value, pack).at(-1)?.seen.type ?? "nothing") : cast.error.message;
};

const prepareProblems = async (
  box: Box,
  cli: InstalledCli,
  { folder }: AdapterScenario,
  run: { readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
): Promise<string[]> => {
  const prepared = await runPreflight(box, cli, { folders: [folder], via: "auto" }, run);
  if (!prepared.ok) return [prepared.error];
  return differs("the exit code of workspace-trust", prepared.value.exitCode, 0);
};

/**
 * Starts one CLI by the adapter in a new box. Returns one sentence for each problem; an empty list means that
 * it passed.
 */
export const checkAdapter = async (
  cli: InstalledCli,
  { pack, scenario }: { readonly pack: RulePack; readonly scenario: AdapterScenario },
  signal: AbortSignal,
): Promise<string[]> => {
  const box = openBox();
  try {
    scenario.arrange(box);
    const { folder, stateFile, expect } = scenario;
    const env = { ...box.env, ...offline, PATH: pathFor(cli.path, box.env["PATH"]) };
    const problems = scenario.isPrepared ? await prepareProblems(box, cli, scenario, { env, signal }) : [];
    const state = stateFile === null ? null : textOf(box.path(stateFile));
    const files = filesOfUser(box);
    const start = {
      folder,
      settings: scenario.settings(box),
      args: scenario.args(cli.version),
      recordDir: box.path("casts"),
    };
    const run = await runAdapter(box, cli, start, { env, signal });
    if (!run.ok) return [...problems, run.error];
    const { exitCode, events } = run.value;
    return [
      ...problems,
      ...differs("the events", events.map(nameOf), expect.events),
      ...differs("the exit code", exitCode, expect.exit),
      ...differs("the last recorded screen", lastRecorded(run.value, pack), expect.recorded),
      ...(await findLeftovers(box)),
      ...(stateFile === null ? [] : differs(stateFile, textOf(box.path(stateFile)), state)),
      ...differs("the user's files", filesOfUser(box), files),
    ];
  } finally {
    endProcesses(box);
    box.remove();
  }
};
