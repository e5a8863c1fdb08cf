import { mkdir, mkdtemp, readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { randomUUID } from "node:crypto";
import { parseJson, systemCode } from "@gatehouse/std";
import { removeTree } from "../files.ts";
import { filled } from "../filled.ts";
import type { ApiName } from "@gatehouse/model-stand-in";
import { endAgent, kill, steps, type Trial } from "./steps.ts";
import { serveTrialModel } from "./trial-model.ts";
import { proposeRow, type Facts, type TrialEnd, type TrialLine } from "./trial-report.ts";

/** The word that starts the MCP server of a trial. */
const serverWord = "try-acp-server";

/** What to try: `command` and the values of `env` may have `{url}`, `{key}` and `{model}`. */
export type TrialRequest = {
  readonly command: readonly [string, ...string[]];
  /** The command of the proposed row. */
  readonly named: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly api: ApiName;
  /** The PATH of the agent. */
  readonly path: string;
};

/** A model of each vendor, since some agents refuse a name that they do not know. */
const models: Readonly<Record<ApiName, string>> = {
  anthropic: "claude-sonnet-4-5",
  openai: "gpt-5",
  google: "gemini-2.5-pro",
};

export type TrialDeps = {
  /** The command line of this program, which has the trial's MCP server. */
  readonly runner: readonly [string, ...string[]];
  readonly onLine: (line: TrialLine) => void;
  /** Ends the trial, its agent and its folder; the result then tells of no further step. */
  readonly signal: AbortSignal;
};

/** Steps after which there is nothing to try. */
const first: readonly string[] = ["start", "sign-in", "prompt"];

/** Tries an agent in a folder of its own, which is its HOME, step by step, and removes the folder. */
export const tryAgent = async (
  { command, named, env, api, path }: TrialRequest,
  { runner, onLine, signal }: TrialDeps,
): Promise<TrialEnd> => {
  const folder = await mkdtemp(join(tmpdir(), "gatehouse-try-"));
  const model = await serveTrialModel();
  const facts: Facts = {
    agent: "",
    api: null,
    paths: [],
    mode: null,
    inputIn: null,
    denialEnds: false,
    takesServers: false,
    errorPrefix: null,
  };
  const [cwd, home, temporary] = ["work", "home", "tmp"].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const each of [cwd, home, temporary]) await mkdir(each);
  const marker = randomUUID();
  const key = `gatehouse-try-${marker}`;
  const fill = (text: string): string => filled(text, { url: model.url, key, model: models[api] });
  const serverNotes = join(folder, "server");
  const [file, ...args] = command;
  const trial: Trial = {
    launch: {
      command: [file, ...args.map(fill)],
      cwd,
      env: {
        LANG: "C.UTF-8",
        PATH: path,
        HOME: home,
        TMPDIR: temporary,
        [markerName]: marker,
        ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, fill(value)])),
      },
      install: "see its own documentation",
    },
    model,
    cwd,
    server: {
      name: "try",
      command: runner[0],
      args: [...runner.slice(1), serverWord, serverNotes, key],
      env: [],
    },
    serverNotes,
    key,
    leftovers: () => markedProcesses(marker),
    facts,
    signal,
    live: null,
    firstAsked: null,
  };
  const lines: TrialLine[] = [];
  try {
    for (const [step, run] of steps) {
      if (signal.aborted) break;
      const begun = performance.now();
      const isOver = lines.some((line) => first.includes(line.step) && line.outcome !== "yes");
      const result = isOver ? notTried : await run(trial);
      const line = { step, ...result, seconds: Math.round((performance.now() - begun) / 100) / 10 };
      lines.push(line);
      onLine(line);
    }
  } finally {
    await endAgent(trial);
    for (const pid of (await markedProcesses(marker)) ?? []) kill(pid);
    await model.close();
    await removeTree(folder);
  }
  return proposeRow({ lines, facts, command: named, env });
};

const notTried = { outcome: "not-seen", saw: "not tried, since the agent has not answered" } as const;

/** The variable that names a trial in the environment of all programs of its agent. */
const markerName = "GATEHOUSE_TRY";

/** The running programs with the marker in their environment; null where /proc does not show it. */
const markedProcesses = async (marker: string): Promise<readonly number[] | null> => {
  const names = await readdir("/proc").catch((error: unknown) => (systemCode(error), null));
  if (names === null) return null;
  const marked: number[] = [];
  for (const pid of names.filter((name) => /^\d+$/.test(name))) {
    const environment = await readFile(`/proc/${pid}/environ`, "utf8").catch(
      (error: unknown) => (systemCode(error), ""),
    );
    if (environment.split("\0").includes(`${markerName}=${marker}`)) marked.push(Number(pid));
  }
  return marked;
};

/** `agent-runner try-acp REQUEST`: tries an agent, and prints a line of JSON for each step, and one for the end. */
export const tryAcpCommand = async ([request = ""]: readonly string[]): Promise<void> => {
  const asked = parseJson(request) as Omit<TrialRequest, "path">;
  const print = (document: object): void => void process.stdout.write(`${JSON.stringify(document)}\n`);
  const path = process.env["PATH"] ?? [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
  const runner = [process.execPath, process.argv[1] ?? ""] as const;
  const cut = new AbortController();
  // The host that asked for the trial is gone, or wants it to end.
  process.stdin.once("end", () => cut.abort()).resume();
  // Ctrl-C at a terminal reaches this program as well.
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, () => cut.abort());
  const { signal } = cut;
  const ended = await tryAgent({ ...asked, path }, { runner, onLine: (line) => print({ line }), signal });
  print({ end: ended });
  process.exit();
};
