import { spawn } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { setTimeout as pause } from "node:timers/promises";
import { z } from "zod";
import { createScreen } from "@trust/dialog-engine";
import { openPty } from "@trust/dialog-engine/node";
import { parseJson } from "@gatehouse/std";
import { differs } from "../check/differs.ts";
import type { Box } from "../box/box.ts";
import { readState, trustedKeys } from "../box/state.ts";
import { cliStarts, type CliStart } from "./observed-cli.ts";

export type Ended = {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
};

export type RunOptions = {
  /** Ends the program with this signal, once `when` resolves. */
  readonly interrupt?: { readonly signal: NodeJS.Signals; readonly when: () => Promise<unknown> };
};

export type LaunchOptions = RunOptions & {
  /** Default: that of the box. */
  readonly data?: string;
  readonly team?: string;
  /** Default: `api-key=use`, since every box has a key for the model of this machine. */
  readonly consents?: readonly string[];
  /** Default: the program of the stage. */
  readonly program?: string;
};

/** A terminal with a simulated person. */
export type UserTerminal = {
  readonly write: (keys: string) => void;
  /** The text of the current screen. */
  readonly text: () => string;
  /** The exit code. */
  readonly ended: Promise<number>;
};

/** A box in which teams are launched by the program `gatehouse`. */
export type Stage = {
  readonly box: Box;
  readonly gatehouse: (args: readonly string[], options?: RunOptions) => Promise<Ended>;
  readonly launch: (options?: LaunchOptions) => Promise<Ended>;
  /** Runs gatehouse in a terminal. */
  readonly openTerminal: (args: readonly string[]) => Promise<UserTerminal>;
  readonly starts: () => readonly CliStart[];
  /** Writes a team file in HOME, and returns its path. */
  readonly teamFile: (members: readonly string[]) => string;
};

export const apiKeyIsUsed: readonly string[] = ["api-key=use"];

/** A second data folder in the box. */
export const otherData = ({ root }: Box): string => join(root, "other-data");

type Programs = { readonly gatehouse: string };

export const openStage = (
  box: Box,
  { gatehouse: program }: Programs,
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
  const gatehouse = (args: readonly string[], options?: RunOptions, file = program): Promise<Ended> =>
    runProgram([file, ...args], { cwd: box.root, env, signal }, options);
  return {
    box,
    gatehouse: (args, options) => gatehouse(args, options),
    launch: ({
      data = box.data,
      team = teamFileOf(box),
      consents = apiKeyIsUsed,
      program: file,
      ...options
    } = {}) => {
      const given = consents.flatMap((consent) => ["--consent", consent]);
      const named = Object.entries(clis).flatMap(([provider, path]) => ["--cli", `${provider}=${path}`]);
      // A busy machine with few cores takes more than the usual minute.
      const flags = ["--data", data, "--timeout", "120", "--json"];
      return gatehouse(["launch", team, ...flags, ...given, ...named], options, file);
    },
    openTerminal: (args) => openUserTerminal([program, ...args], { cwd: box.root, env }),
    starts: () => cliStarts(box),
    teamFile: (members) => {
      const [lead, ...others] = members;
      const rows = others.map((member) => `  - ${member}\n`).join("");
      box.write("team.yaml", `name: shop\nlead: ${lead}\n${rows === "" ? "" : `members:\n${rows}`}`);
      return teamFileOf(box);
    },
  };
};

const teamFileOf = (box: Box): string => box.path("team.yaml");

const runProgram = async (
  argv: readonly string[],
  {
    cwd,
    env,
    signal,
  }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv; readonly signal: AbortSignal },
  { interrupt }: RunOptions = {},
): Promise<Ended> => {
  const child = spawn(process.execPath, argv, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const stop = (): boolean => child.kill("SIGTERM");
  signal.addEventListener("abort", stop, { once: true });
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  child.stderr.setEncoding("utf8").on("data", (text: string) => (stderr += text));
  const closed = new Promise<number | null>((resolve) => child.once("close", resolve));
  if (interrupt !== undefined) {
    await Promise.race([interrupt.when(), closed]);
    child.kill(interrupt.signal);
  }
  const exitCode = await closed;
  signal.removeEventListener("abort", stop);
  return { exitCode, stdout, stderr };
};

const openUserTerminal = async (
  argv: readonly string[],
  { cwd, env }: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<UserTerminal> => {
  const size = { columns: 100, rows: 30 };
  const opened = await openPty({ file: process.execPath, args: argv, cwd, env, ...size });
  if (!opened.ok) throw new Error(opened.error.message);
  const screen = createScreen(size.columns, size.rows);
  opened.value.onData((data) => screen.write(data));
  return {
    write: (keys) => opened.value.write(keys),
    text: () => screen.view().rows.join("\n"),
    ended: new Promise((resolve) => opened.value.onExit(({ exitCode }) => resolve(exitCode))),
  };
};

/** Polls until the value is true; returns a sentence if it times out. */
export const awaited = async (what: string, look: () => Promise<boolean> | boolean): Promise<string[]> => {
  const until = Date.now() + patience;
  while (!(await look())) {
    if (Date.now() > until) return [`${what} did not come within ${patience / 1000} s`];
    await pause(5);
  }
  return [];
};

const patience = 60_000;

type Member = {
  readonly member: string;
  readonly state: string;
  readonly code?: string | undefined;
  readonly trust?: string | undefined;
  readonly message?: string | undefined;
  readonly fix?: string | undefined;
  readonly question?: string | undefined;
};

/** The part of `gatehouse launch --json` that other programs depend on. */
const report = z.object({
  ok: z.boolean(),
  launch: z.object({ id: z.string(), team: z.string(), state: z.string() }),
  members: z.array(
    z.object({
      member: z.string(),
      state: z.string(),
      code: z.string().optional(),
      trust: z.string().optional(),
      message: z.string().optional(),
      fix: z.string().optional(),
      question: z.string().optional(),
    }),
  ),
});

/** The members of a launch; empty if it printed no report. */
export const membersOf = ({ stdout }: Ended): readonly Member[] => {
  const parsed = report.safeParse(parseJson(stdout));
  return parsed.success ? parsed.data.members : [];
};

const named = ({ member, state, code, trust }: Member): string =>
  [member, state, code, trust].filter(Boolean).join(" ");

/** The expected result of a launch. Paths are relative to HOME. */
export type ExpectedLaunch = {
  readonly exit: number;
  readonly state: string;
  /** `name state code trust` of each member, without missing fields. */
  readonly members: readonly string[];
  /** Every key that Claude Code's state trusts when the launch has returned; there may be no others. */
  readonly trusted: readonly string[];
};

/** Compares a launch's output, and the keys that Claude Code's state trusts now. */
export const launchProblems = (
  { box }: Stage,
  { exitCode, stdout, stderr }: Ended,
  expected: ExpectedLaunch,
): string[] => {
  const parsed = report.safeParse(parseJson(stdout));
  if (!parsed.success) return [`exit ${exitCode}, no report of a launch: ${stdout}${stderr}`];
  const { ok, launch, members } = parsed.data;
  const problems = [
    ...differs("the exit code of the launch", exitCode, expected.exit),
    ...differs("ok", ok, expected.exit === 0),
    ...differs("the state of the launch", launch.state, expected.state),
    ...differs("the members", members.map(named), expected.members),
    ...keyProblems(box, expected.trusted),
  ];
  const told = members.flatMap(({ message, question }) => message ?? question ?? []);
  return problems.length === 0 ? [] : [...problems, ...told];
};

/** Compares the keys that Claude Code's state trusts with exactly these. */
export const keyProblems = (box: Box, trusted: readonly string[]): string[] =>
  differs("what Claude Code trusts", trustedKeys(readState(box, {})), trusted.map(box.path).sort());

type Agent = { readonly member: string; readonly state: string; readonly pid: number | null };

/** The agents of a data folder, as `gatehouse ps` lists them. */
export const agentsIn = async (
  { gatehouse, box }: Stage,
  data: string = box.data,
): Promise<readonly Agent[]> => {
  const { stdout } = await gatehouse(["ps", "--json", "--data", data]);
  const { agents } = Object(parseJson(stdout)) as { readonly agents?: readonly Agent[] };
  if (agents === undefined) throw new TypeError(`gatehouse ps printed no agents: ${stdout}`);
  return agents;
};

/** The journals of a data folder, one text each, the oldest first. */
export const journalsIn = (data: string): readonly string[] => {
  const folder = join(data, "launches", "journals");
  const names = existsSync(folder) ? readdirSync(folder).sort() : [];
  return names.map((name) => readFileSync(join(folder, name), "utf8"));
};
