import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { runToEnd, type Ended } from "@gatehouse/npm-fetch";
import { parseJson } from "@gatehouse/std";
import type { Box } from "../box/box.ts";
import { readState, trustedKeys } from "../box/state.ts";
import { differs } from "../check/differs.ts";
import { cliStarts, type CliStart } from "./observed-cli.ts";

/** A box in which a team is launched by the program `gatehouse`. */
export type Stage = {
  readonly box: Box;
  readonly gatehouse: (...args: readonly string[]) => Promise<Ended>;
  /** Launches the team of the team file. An abort of `cancel` ends the launch with SIGTERM. */
  readonly launch: (cancel?: AbortSignal) => Promise<Ended>;
  /** The starts of real CLIs so far. */
  readonly starts: () => readonly CliStart[];
  /** Writes the team file: a member in one line of YAML, the lead first. */
  readonly writeTeam: (members: readonly string[]) => void;
};

export const openStage = (
  box: Box,
  program: string,
  {
    clis,
    env,
    signal,
  }: {
    readonly clis: Readonly<Record<string, string>>;
    readonly env: NodeJS.ProcessEnv;
    readonly signal: AbortSignal;
  },
): Stage => {
  const run = (args: readonly string[], stop: AbortSignal): Promise<Ended> =>
    runToEnd(process.execPath, [program, ...args], { cwd: box.root, env, signal: stop });
  const team = box.path("team.yaml");
  // A busy machine with few cores takes more than the usual minute.
  const flags = ["--timeout", "120", "--json", "--consent", "api-key=use"];
  const named = Object.entries(clis).flatMap(([provider, path]) => ["--cli", `${provider}=${path}`]);
  return {
    box,
    gatehouse: (...args) => run(args, signal),
    launch: (cancel = signal) => run(["launch", team, ...flags, ...named], AbortSignal.any([signal, cancel])),
    starts: () => cliStarts(box),
    writeTeam: ([lead, ...others]) => {
      const rows = others.map((member) => `  - ${member}\n`).join("");
      box.write("team.yaml", `name: shop\nlead: ${lead}\n${rows === "" ? "" : `members:\n${rows}`}`);
    },
  };
};

/** Polls until the value is true. Returns false if it times out. */
export const awaited = async (look: () => boolean): Promise<boolean> => {
  const until = Date.now() + patience;
  while (!look()) {
    if (Date.now() > until) return false;
    await pause(5);
  }
  return true;
};

const patience = 60_000;

/** The part of `gatehouse launch --json` that scenarios compare. */
type Report = {
  readonly ok: boolean;
  readonly launch: { readonly state: string };
  readonly members: readonly {
    readonly member: string;
    readonly state: string;
    readonly code?: string;
    readonly trust?: string;
    readonly message?: string;
    readonly question?: string;
  }[];
};

/** The expected result of a launch. */
export type ExpectedLaunch = {
  readonly exit: number;
  readonly state: string;
  /** `name state code trust` of each member, without missing fields. */
  readonly members: readonly string[];
};

/** Compares a launch's output. */
export const launchProblems = (
  { exitCode, stdout, stderr }: Ended,
  expected: ExpectedLaunch,
): readonly string[] => {
  const report = parseJson(stdout) as Report | null;
  if (!Array.isArray(report?.members)) return [`exit ${exitCode}, no report of a launch: ${stdout}${stderr}`];
  const { ok, launch, members } = report;
  const named = members.map(({ member, state, code, trust }) =>
    [member, state, code, trust].filter(Boolean).join(" "),
  );
  const problems = [
    ...differs("the exit code of the launch", exitCode, expected.exit),
    ...differs("ok", ok, expected.exit === 0),
    ...differs("the state of the launch", launch.state, expected.state),
    ...differs("the members", named, expected.members),
  ];
  const said = members.flatMap(({ message, question }) => message ?? question ?? []);
  return problems.length === 0 ? [] : [...problems, ...said];
};

/** Compares the keys that Claude Code's state trusts with exactly these, relative to HOME. */
export const keyProblems = (box: Box, trusted: readonly string[]): readonly string[] =>
  differs("what Claude Code trusts", trustedKeys(readState(box, {})), trusted.map(box.path).sort());

type Agent = { readonly member: string; readonly pid: number | null };

/** The agents that `gatehouse ps` lists. */
export const agentsIn = async ({ gatehouse }: Stage): Promise<readonly Agent[]> => {
  const { stdout } = await gatehouse("ps", "--json");
  const { agents } = Object(parseJson(stdout)) as { readonly agents?: readonly Agent[] };
  if (agents === undefined) throw new TypeError(`gatehouse ps printed no agents: ${stdout}`);
  return agents;
};
