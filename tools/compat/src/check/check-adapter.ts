import { readFileSync } from "node:fs";
import process from "node:process";
import { runToEnd } from "@gatehouse/npm-fetch";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import { explainCast, parseCast, type RulePack } from "@trust/dialog-engine";
import { offline, type Box } from "../box/box.ts";
import { inBox } from "../box/in-box.ts";
import { findLeftovers } from "../box/leftovers.ts";
import { filesOfUser, textOf } from "../box/state.ts";
import { pathFor, type InstalledCli } from "../clis/cli-cache.ts";
import type { AdapterScenario } from "../scenarios/adapter.ts";
import { runPreflight, type RunOptions } from "../start/preflight-run.ts";
import { programFile } from "../start/programs.ts";
import { differs } from "./differs.ts";

/** The part of the adapter's events that scenarios compare. */
type AdapterEvent = { readonly event: string; readonly code?: string; readonly recording?: string };
type AdapterRun = { readonly exitCode: number | null; readonly events: readonly AdapterEvent[] };

const isEvent = (value: unknown): value is AdapterEvent => typeof Object(value)["event"] === "string";

/**
 * Runs `orchestrator-adapter --json` in the box until it ends, and ends it with SIGTERM once its agent is
 * ready. The error is output that is not an event.
 */
const runAdapter = async (
  box: Box,
  { provider, path, version }: InstalledCli,
  { folder, settings, args }: AdapterScenario,
  { env, signal }: RunOptions,
): Promise<Result<AdapterRun, string>> => {
  const ready = new AbortController();
  const flags = [
    ...["--provider", provider, "--cwd", box.path(folder), "--settings", JSON.stringify(settings(box))],
    ...["--cli", `${provider}=${path}`, "--record", box.path("casts"), "--json", "--", ...args(version)],
  ];
  let printed = "";
  const program = await programFile("orchestrator-adapter");
  const { exitCode, stdout, stderr } = await runToEnd(process.execPath, [program, ...flags], {
    cwd: box.root,
    env,
    signal: AbortSignal.any([signal, ready.signal]),
    onStdout: (text) => {
      printed += text;
      if (printed.includes('"event":"ready"')) ready.abort();
    },
  });
  const lines = stdout.split("\n").filter((line) => line !== "");
  const events = lines.map(parseJson);
  return events.every(isEvent)
    ? ok({ exitCode, events })
    : fail(`exit ${exitCode}, no events: ${stdout}${stderr}`);
};

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
  options: RunOptions,
): Promise<string[]> => {
  const prepared = await runPreflight(box, cli, { folders: [folder], via: "auto" }, options);
  if (!prepared.ok) return [prepared.error];
  return differs("the exit code of workspace-trust", prepared.value.exitCode, 0);
};

/**
 * Starts one CLI by the adapter in a new box. Returns one sentence for each problem; an empty list means that
 * it passed.
 */
export const checkAdapter = (
  cli: InstalledCli,
  { pack, scenario }: { readonly pack: RulePack; readonly scenario: AdapterScenario },
  signal: AbortSignal,
): Promise<string[]> =>
  inBox(async (box) => {
    scenario.arrange(box);
    const { stateFile, expect } = scenario;
    const options = { env: { ...box.env, ...offline, PATH: pathFor(cli.path, box.env["PATH"]) }, signal };
    const problems = scenario.isPrepared ? await prepareProblems(box, cli, scenario, options) : [];
    const state = stateFile === null ? null : textOf(box.path(stateFile));
    const files = filesOfUser(box);
    const run = await runAdapter(box, cli, scenario, options);
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
  });
