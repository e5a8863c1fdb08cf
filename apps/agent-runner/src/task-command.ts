import { spawn } from "node:child_process";
import { fail, ok, systemCode, visible, type Result } from "@gatehouse/std";
import { killGroup, lastOutputMs, type CliStart } from "./cli-program.ts";
import { limits } from "./limits.ts";

/** The exit code of a command, and the beginning of what it wrote to its standard output. */
export type CommandEnd = { readonly code: number; readonly output: string };

/** Runs a command of the shell until it ends or the signal is aborted. The error is a sentence. */
export type RunCommand = (command: string, signal: AbortSignal) => Promise<Result<CommandEnd, string>>;

type CommandPlace = Pick<CliStart, "cwd" | "env"> & {
  readonly signal: AbortSignal;
  /** Time for the command, ms. */
  readonly timeoutMs?: number;
};

/** Exit codes with which a shell says that it could not run the command: not a program, and not found (POSIX 2.8.2). */
const notRun: readonly (number | null)[] = [126, 127];

/**
 * Runs the command that a task runs first, where the agent's tools run. It leads a process group, which is killed when
 * the command has ended, has no time left, or is aborted. Fails if the command did not start, or did not end by itself.
 */
export const runCommand = (
  command: string,
  { cwd, env, signal, timeoutMs = limits.commandMs }: CommandPlace,
): Promise<Result<CommandEnd, string>> => {
  const child = spawn("sh", ["-c", command], {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [out, err] = [beginningOf(child.stdout, limits.commandBytes), beginningOf(child.stderr, mostError)];
  return new Promise((resolve) => {
    let isLate = false;
    const kill = (): void => killGroup(child.pid);
    const timer = setTimeout(() => {
      isLate = true;
      kill();
    }, timeoutMs);
    signal.addEventListener("abort", kill, { once: true });
    child.once("error", (error) => {
      clearTimeout(timer);
      resolve(fail(`The task's command could not be started (${systemCode(error)}).`));
    });
    child.once("exit", (code, byWhich) => {
      clearTimeout(timer);
      signal.removeEventListener("abort", kill);
      // A child that it left in its group may hold the pipes open.
      kill();
      const end = (): void => {
        clearTimeout(late);
        child.stdout.destroy();
        child.stderr.destroy();
        const said = visible(err().text.trim());
        const why = said === "" ? "." : `: ${said}`;
        if (isLate) resolve(fail(`The task's command had not ended after ${timeoutMs / 1000} s${why}`));
        else if (notRun.includes(code))
          resolve(fail(`The task's command could not be run (code ${code})${why}`));
        else if (code === null) resolve(fail(`The task's command was ended by ${byWhich}${why}`));
        else resolve(ok({ code, output: textOf(out()) }));
      };
      const late = setTimeout(end, lastOutputMs);
      child.once("close", end);
    });
  });
};

/** Bytes of standard error that an error message shows. */
const mostError = 1_000;

type Beginning = { readonly text: string; readonly bytes: number; readonly isCut: boolean };

const textOf = ({ text, bytes, isCut }: Beginning): string =>
  isCut
    ? `${text}\n[Cut off here: the command wrote ${bytes} bytes, and these are the first ${limits.commandBytes}.]`
    : text;

/** Reads a stream to its end, and keeps its first bytes, without a character that is cut. */
const beginningOf = (stream: NodeJS.ReadableStream, most: number): (() => Beginning) => {
  const kept: Buffer[] = [];
  let bytes = 0;
  stream.on("data", (chunk: Buffer) => {
    if (bytes < most) kept.push(chunk.subarray(0, most - bytes));
    bytes += chunk.length;
  });
  return () => {
    const isCut = bytes > most;
    const text = new TextDecoder().decode(Buffer.concat(kept), { stream: isCut });
    return { text, bytes, isCut };
  };
};
