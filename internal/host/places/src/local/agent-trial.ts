import { spawn } from "node:child_process";
import { mkdtemp, realpath, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, isAbsolute, join, resolve } from "node:path";
import type { Failure } from "@gatehouse/cli-kit";
import {
  fail,
  ok,
  onLines,
  parseJson,
  shellWord,
  systemCode,
  textLines,
  type Environment,
  type Result,
} from "@gatehouse/std";
import { explain } from "@nc/container-runtime";
import { probeSandbox, runInSandbox } from "@nc/container-runtime/node";
import { isOfMachine, programMounts } from "./program-mounts.ts";

/** A trial of an agent: its command and environment, as `agent-runner try-acp` reads them. */
export type AgentTrial = {
  readonly command: readonly [string, ...string[]];
  readonly env: Readonly<Record<string, string>>;
  readonly api: string;
};

export type AgentTrialOptions = {
  /** `process`: with all rights of this account. */
  readonly runtime: "sandbox" | "process";
  /** The command line of the agents' runner, which has the trial. */
  readonly runner: readonly [string, string];
  readonly env: Environment;
  /** The folder from which relative paths of the command begin. */
  readonly cwd: string;
  readonly signal: AbortSignal;
  /** Called with each document that the trial prints. */
  readonly onDocument: (document: unknown) => void;
};

/** The time limit of all steps together, seconds. A trial of a slow agent takes two minutes. */
const mostSeconds = 600;

/** The time for a runner to end its agent and to remove its folder, ms. */
const endMs = 20_000;

/** Where a sandbox sees the folder of a trial. */
const trialFolder = "/tmp/gatehouse-agent";

/**
 * Runs a trial of an agent: in a sandbox without a network, where it sees the machine's programs, its own package and a
 * folder that is removed; or as a process. Either ends with this program.
 */
export const runAgentTrial = async (
  { command, ...trial }: AgentTrial,
  options: AgentTrialOptions,
): Promise<Result<null, Failure>> => {
  const { runtime, env, cwd } = options;
  const found = await Promise.all(command.map((word, at) => fileIn(word, at === 0, { env, cwd })));
  if (found[0] === null) return fail(await notFound(command[0], cwd));
  // A row names the program as the person did, and a file by its whole path.
  const named = command.map((word, at) => (word.includes("/") ? (found[at] ?? word) : word));
  const requestOf = (files: readonly (string | null)[]): string =>
    JSON.stringify({ ...trial, command: command.map((word, at) => files[at] ?? word), named });
  if (runtime === "process") return asProcess(requestOf(found), options);
  const probed = await probeSandbox(env);
  if (!probed.ok)
    return fail({
      code: probed.error.code,
      message: explain(probed.error),
      fix: "or try the agent without walls, with all rights of this account: gatehouse agents try --runtime process",
    });
  // A sandbox shows no link outside of the machine's own folders, only where it leads.
  const there = await Promise.all(
    found.map((file) => (file === null || isOfMachine(file) ? file : realpath(file))),
  );
  return inSandbox(
    requestOf(there),
    there.filter((file) => file !== null),
    options,
  );
};

/** The path of a word of the command that names a file: the program on the PATH, or a path. Null for another word. */
const fileIn = async (
  word: string,
  isProgram: boolean,
  { env, cwd }: Pick<AgentTrialOptions, "env" | "cwd">,
): Promise<string | null> => {
  const folders = word.includes("/")
    ? [""]
    : isProgram
      ? (env["PATH"] ?? "").split(delimiter).filter(isAbsolute)
      : [];
  for (const folder of folders) {
    const file = resolve(cwd, folder, word);
    if (
      await stat(file).then(
        (seen) => seen.isFile() && (!isProgram || (seen.mode & 0o111) !== 0),
        () => false,
      )
    )
      return file;
  }
  return null;
};

/** Why a command's first word is no program that can be started. */
const notFound = async (word: string, cwd: string): Promise<Failure> => {
  const code = "agent-not-found";
  if (!word.includes("/"))
    return {
      code,
      message: `There is no program "${word}" on the PATH.`,
      fix: "install the agent, or name its path",
    };
  const seen = await stat(resolve(cwd, word)).catch((error: unknown) => (systemCode(error), null));
  if (seen?.isFile() === true)
    return {
      code,
      message: `The file "${word}" may not be run.`,
      fix: `chmod +x ${shellWord(word)}, or name the program that reads it first, such as node`,
    };
  const message = seen === null ? `There is no file "${word}".` : `"${word}" is a folder, and no program.`;
  return { code, message, fix: "name the path of the agent's program" };
};

/** Runs the runner as a child, which ends the agent at the end of its input. One that does not end is killed. */
const asProcess = async (
  request: string,
  { runner: [node, ...args], env, signal, onDocument }: AgentTrialOptions,
): Promise<Result<null, Failure>> => {
  const child = spawn(node, [...args, "try-acp", request], {
    env: { ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  onLines(child.stdout, (line) => onDocument(parseJson(line)));
  child.stdin.on("error", () => {});
  let hung: NodeJS.Timeout | undefined;
  const cut = (): void => {
    child.stdin.end();
    hung ??= setTimeout(() => child.kill("SIGKILL"), endMs);
  };
  const late = AbortSignal.timeout(mostSeconds * 1_000);
  const ends = AbortSignal.any([signal, late]);
  ends.addEventListener("abort", cut, { once: true });
  if (ends.aborted) cut();
  const why = await new Promise<string>((done) => {
    child.once("error", (error) => done(error.message));
    child.once("close", (code, ended) => done(String(ended ?? code)));
  });
  ends.removeEventListener("abort", cut);
  clearTimeout(hung);
  if (late.aborted) return fail(failed(`The trial took longer than ${mostSeconds} s.`));
  return why === "0" ? ok(null) : fail(failed(`The trial ended with ${why}. ${said}`.trim()));
};

const failed = (message: string): Failure => ({ code: "trial-failed", message });

const inSandbox = async (
  request: string,
  files: readonly string[],
  { runner, env, signal, onDocument }: AgentTrialOptions,
): Promise<Result<null, Failure>> => {
  // Its own Node: the agent may need another one than this program has.
  const node = await fileIn("node", true, { env, cwd: "/" });
  const folder = await mkdtemp(join(await realpath(tmpdir()), "gatehouse-agent-"));
  const lines = textLines();
  let said = "";
  try {
    const shown = await Promise.all(files.map(async (file) => programMounts([], await realpath(file))));
    const ran = await runInSandbox({
      what: "The trial",
      network: "none",
      script: `PATH=$AGENT_PATH; export PATH; exec ${[...runner, "try-acp", request].map(shellWord).join(" ")}`,
      env: {
        TMPDIR: trialFolder,
        AGENT_PATH: [
          ...new Set([...files.map((file) => dirname(file)), ...(node === null ? [] : [dirname(node)])]),
          "/usr/local/bin:/usr/bin:/bin",
        ].join(delimiter),
      },
      folder,
      target: trialFolder,
      mounts: [
        ...(await programMounts([...runner, ...(node === null ? [] : [node])], null)),
        ...shown.flat(),
      ],
      mostSeconds,
      signal,
      hostEnv: env,
      onOutput: (text) => {
        said += text;
        for (const line of lines.push(text)) onDocument(parseJson(line));
      },
    });
    return ran.ok ? ok(null) : fail(failed(`${explain(ran.error)} ${said.split("\n").slice(-5).join("\n")}`));
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
};
