import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process";
import process from "node:process";
import { cliFacts } from "@gatehouse/provider-facts";
import { onLines, systemCode } from "@gatehouse/std";

/** A running CLI. */
export type CliProgram = {
  /** Resolves when the program has exited. */
  readonly exited: Promise<CliExit>;
  readonly isRunning: () => boolean;
  /** Ends it at once, without an answer. */
  readonly kill: () => void;
};

/** A running CLI that reads and writes JSON Lines. */
export type LineProgram = CliProgram & { readonly send: (frame: object) => void };

/** The end of the program, a sentence; `wasStarted` is false if there is no such program. */
export type CliExit = { readonly wasStarted: boolean; readonly message: string };

export type CliStart = {
  /** The CLI's name in sentences. */
  readonly name: string;
  /** The command that installs it. */
  readonly install: string;
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** True if the program starts another one that a kill has to reach too: it gets a process group of its own. */
  readonly hasGroup: boolean;
  /** True for a line of its log on standard error, which no error message shows. Absent if it writes no log there. */
  readonly isLog?: (line: string) => boolean;
};

/** The beginnings of variables that would send requests past the gateway, or hand a key to the agent's programs. */
const foreign = Object.values(cliFacts).flatMap(({ variables }) => variables);

/** The runner's environment without the variables that change the requests of a CLI, or their address. */
export const cliEnvironment = (env: CliStart["env"]): CliStart["env"] =>
  Object.fromEntries(
    Object.entries(env).filter(([name]) => !foreign.some((start) => name.startsWith(start))),
  );

/** Characters of standard error that an error message shows, and that are kept with the lines of a log. */
const [mostErrorText, mostKept] = [2_000, 20_000];

/** Starts a CLI. A program that cannot be started has exited at once. */
export const startCli = (
  start: CliStart,
): { readonly program: CliProgram; readonly child: ChildProcessWithoutNullStreams } => {
  const { command, cwd, env, hasGroup } = start;
  const [file, ...args] = command;
  const child = spawn(file, args, { cwd, env, stdio: "pipe", detached: hasGroup });
  // The program may end while a frame is written; its exit says so.
  child.stdin.on("error", () => {});
  // A command that it ran may live on in its group.
  if (hasGroup) child.once("exit", () => killGroup(child.pid));
  const isRunning = (): boolean =>
    child.pid !== undefined && child.exitCode === null && child.signalCode === null;
  const program: CliProgram = {
    exited: exitOf(child, start),
    isRunning,
    kill: () => {
      if (!isRunning()) return;
      if (hasGroup) killGroup(child.pid);
      else child.kill("SIGKILL");
    },
  };
  return { program, child };
};

/** Starts a CLI that reads and writes JSON Lines. */
export const startLineCli = (start: CliStart, onLine: (line: string) => void): LineProgram => {
  const { program, child } = startCli(start);
  onLines(child.stdout, onLine);
  return { ...program, send: (frame) => void child.stdin.write(`${JSON.stringify(frame)}\n`) };
};

/** Kills a program and its children, if the program leads a group. */
export const killGroup = (pid: number | undefined): void => {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if (systemCode(error) !== "ESRCH") throw error;
  }
};

/** Time for the last output after the exit, ms. A child of the program may hold its pipes open for ever. */
export const lastOutputMs = 1_000;

/** Resolves when the program has exited, or could not be started. */
const exitOf = (
  child: ChildProcessWithoutNullStreams,
  { name, install, isLog = () => false }: Pick<CliStart, "name" | "install" | "isLog">,
): Promise<CliExit> => {
  let kept = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (kept = (kept + text).slice(-mostKept)));
  return new Promise((resolve) => {
    child.once("error", (error) => {
      const reason = systemCode(error);
      const fix =
        reason === "EACCES"
          ? "Let the account that runs the agent execute it, and enter the folders above it."
          : `Install it for the account that runs the agent, on the PATH of gatehouse up: ${install}. For a container see "The CLIs of other agents" in docs/containers.md.`;
      resolve({ wasStarted: false, message: `${name} cannot be started (${reason}). ${fix}` });
    });
    child.once("exit", (code, signal) => {
      const end = (): void => {
        const said = kept.split("\n").filter((line) => !isLog(line));
        const text = said.join("\n").slice(-mostErrorText).trim();
        const why = text === "" ? "." : `: ${text}`;
        resolve({ wasStarted: true, message: `${name} exited (${signal ?? code ?? "?"})${why}` });
      };
      const late = setTimeout(() => {
        child.stdout.destroy();
        child.stderr.destroy();
        end();
      }, lastOutputMs);
      child.once("close", () => {
        clearTimeout(late);
        end();
      });
    });
  });
};
