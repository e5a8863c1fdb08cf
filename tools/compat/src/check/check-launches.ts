import { setMaxListeners } from "node:events";
import { chmodSync, existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { fileURLToPath } from "node:url";
import { runToEnd } from "@gatehouse/npm-fetch";
import { offline, openBox, setUpProfile, type Box } from "../box/box.ts";
import { endProcesses, stillRunning } from "../box/leftovers.ts";
import { readState, trustedKeys } from "../box/state.ts";
import { defaultTarget } from "../clis/clis.ts";
import type { InstalledCli } from "../clis/cli-cache.ts";
import { bothRungs } from "../scenarios/rungs.ts";
import { programFile } from "../start/programs.ts";
import type { Check } from "./check-all.ts";
import { differs } from "./differs.ts";

/**
 * Launches that begin at once. `hosts` is the number of data folders; launches use data folders and folders
 * in turn.
 */
type Crowd = {
  readonly launches: number;
  readonly folders: number;
  readonly hosts: number;
  /** The CLI is asked for trust only after every launch has planned, so that all of them plan to ask. */
  readonly isInStep?: boolean;
};

const tinyClaude = fileURLToPath(
  new URL("../../../../test-fixtures/programs/tiny-claude.sh", import.meta.url),
);

/**
 * Waits for this number of journals, which launches create after planning. It is a busy loop, so that
 * preflight sees activity: silence counts as no work.
 */
const inStep = (box: Box, { launches }: Crowd): string =>
  `until set -- ${box.data}-*/launches/journals/*.jsonl && [ $# -ge ${launches} ]; do :; done`;

/** The real CLI for requests of trust over its control protocol; a tiny program for agents. */
const cliOf = ({ path, version }: InstalledCli, wait: string): string => `#!/bin/sh
wait_for_all() { ${wait}; }
case " $* " in
*" --version "*) echo "${version} (Claude Code)" ;;
*" stream-json "*) wait_for_all; exec '${path}' "$@" ;;
*) exec '${tinyClaude}' "$@" ;;
esac
`;

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index);
const hostOf = (box: Box, at: number): string => `${box.data}-${at}`;
const teamOf = (at: number): string => `team-${at}`;

/** The parsed lines of the files in a folder; empty without the folder. */
const linesIn = (folder: string, ending: string): readonly Readonly<Record<string, unknown>>[] =>
  (existsSync(folder) ? readdirSync(folder) : [])
    .filter((name) => name.endsWith(ending))
    .flatMap((name) => readFileSync(join(folder, name), "utf8").split("\n"))
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Readonly<Record<string, unknown>>);

type Strategy = { readonly status: string; readonly evidence: readonly string[] };

/** The trust strategies that the launches of all hosts have recorded. */
const strategiesOf = (box: Box, { hosts }: Crowd): readonly Strategy[] =>
  numbers(hosts)
    .flatMap((at) => linesIn(join(hostOf(box, at), "launches/journals"), ".jsonl"))
    .flatMap(({ type, preflight }) =>
      type === "trust"
        ? (preflight as { readonly strategyResults: readonly Strategy[] }).strategyResults
        : [],
    );

const statusesOf = (box: Box, crowd: Crowd): readonly string[] =>
  strategiesOf(box, crowd)
    .map(({ status }) => status)
    .sort();

/** The folders that the ledgers name as accepted, once for each acceptance. */
const acceptedIn = (box: Box, { hosts }: Crowd): readonly string[] =>
  numbers(hosts)
    .flatMap((at) => linesIn(hostOf(box, at), "consents.jsonl"))
    .flatMap(({ event, code, via, folder }) =>
      event === "ended" && code === "trusted" ? [`${String(folder)} by ${String(via)}`] : [],
    )
    .sort();

const launchAll = async (
  box: Box,
  cli: InstalledCli,
  crowd: Crowd,
  signal: AbortSignal,
): Promise<string[]> => {
  const env = { ...box.env, ...offline };
  // Each running program adds a listener.
  setMaxListeners(0, signal);
  const program = await programFile("gatehouse");
  const gatehouse = (...args: readonly string[]) =>
    runToEnd(process.execPath, [program, ...args], { cwd: box.root, env, signal });
  const folders = numbers(crowd.folders).map((at) => box.folder(`w/${at}`));
  box.write("bin/claude", cliOf(cli, crowd.isInStep === true ? inStep(box, crowd) : ":"));
  chmodSync(box.path("bin/claude"), 0o755);
  const launched = await Promise.all(
    numbers(crowd.launches).map(async (at) => {
      const lead = { name: "ana", provider: "claude", folder: folders[at % crowd.folders] };
      box.write(`teams/${at}.yaml`, { name: teamOf(at), lead });
      const named = ["--cli", `claude=${box.path("bin/claude")}`, "--data", hostOf(box, at % crowd.hosts)];
      const { exitCode, stdout, stderr } = await gatehouse(
        ...["launch", box.path(`teams/${at}.yaml`), "--json", "--timeout", "300", ...named],
      );
      return exitCode === 0 ? [] : [`${teamOf(at)}: exit ${exitCode}: ${stdout}${stderr}`];
    }),
  );
  const problems = launched.flat();
  for (const at of numbers(crowd.hosts)) {
    const listed = await gatehouse("ps", "--json", "--data", hostOf(box, at));
    const { agents } = JSON.parse(listed.stdout) as {
      readonly agents: readonly { readonly state: string }[];
    };
    const own = numbers(crowd.launches).filter((launch) => launch % crowd.hosts === at);
    problems.push(
      ...differs(
        "the agents' states",
        agents.map(({ state }) => state),
        own.map(() => "ready"),
      ),
    );
    const stopped = await gatehouse("stop", "--all", "--data", hostOf(box, at));
    problems.push(...differs("the exit code of stop --all", stopped.exitCode, 0));
  }
  const accepted = folders.map((folder) => `${folder} by control`).sort();
  return [
    ...problems,
    ...(problems.length === 0 ? [] : [`preflight's statuses: ${statusesOf(box, crowd).join(", ")}`]),
    ...(problems.length === 0 ? [] : strategiesOf(box, crowd).flatMap(({ evidence }) => evidence)),
    ...differs("the accepts in the ledgers", acceptedIn(box, crowd), accepted),
    ...differs("the trusted keys", trustedKeys(readState(box, {})), [...folders].sort()),
  ];
};

const inBox = async (check: (box: Box) => Promise<string[]>): Promise<string[]> => {
  const box = openBox();
  try {
    box.write(".claude.json", setUpProfile());
    return [...(await check(box)), ...(await stillRunning(box))];
  } finally {
    endProcesses(box);
    box.remove();
  }
};

/** A fifth of the full number finds most problems, so all run on the default version alone. */
const crowdOn = ({ version }: InstalledCli): Crowd =>
  version === defaultTarget.version
    ? { launches: 50, folders: 10, hosts: 2 }
    : { launches: 10, folders: 4, hosts: 2 };
const two: Crowd = { launches: 2, folders: 1, hosts: 2, isInStep: true };

const notOn = bothRungs.find(({ via }) => via === "control")?.notOn ?? (() => null);

/** Teams that are launched at once: each folder is accepted once, by any of them, and no agent is lost. */
export const launchChecks: readonly Check[] = [
  {
    name: "launches-at-once",
    triedOn: "ends",
    notOn,
    run: (cli, signal) => inBox((box) => launchAll(box, cli, crowdOn(cli), signal)),
  },
  {
    name: "two-hosts-one-folder",
    triedOn: "ends",
    notOn,
    run: (cli, signal) =>
      inBox(async (box) => {
        const problems = await launchAll(box, cli, two, signal);
        const statuses = statusesOf(box, two);
        return [...problems, ...differs("the trust", statuses, ["already-trusted-after-wait", "trusted"])];
      }),
  },
];
