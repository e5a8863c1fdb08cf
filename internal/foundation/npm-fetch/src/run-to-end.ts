import { spawn } from "node:child_process";
import { once } from "node:events";

/** How a program ended. `exitCode` is null if a signal ended it; output is UTF-8 text. */
export type Ended = { readonly exitCode: number | null; readonly stdout: string; readonly stderr: string };

export type RunOptions = {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Ends the program with SIGTERM; the call still returns how it ended. */
  readonly signal?: AbortSignal;
  /** Called with each piece of stdout as it arrives. */
  readonly onStdout?: (text: string) => void;
  readonly onStderr?: (text: string) => void;
};

/**
 * Runs a program to its end, by argv, with an empty stdin. A program that cannot be started gets the result
 * of a shell: exit code 127, and the reason on stderr.
 */
export const runToEnd = async (
  command: string,
  args: readonly string[],
  { cwd, env, signal, onStdout = () => {}, onStderr = () => {} }: RunOptions = {},
): Promise<Ended> => {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const stop = (): boolean => child.kill("SIGTERM");
  signal?.addEventListener("abort", stop, { once: true });
  if (signal?.aborted === true) stop();
  let [stdout, stderr] = ["", ""];
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    onStdout(text);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
    onStderr(text);
  });
  const closed = once(child, "close").catch((error: Error) => [127, error.message] as const);
  const [exitCode, reason] = (await closed) as [number | null, unknown];
  signal?.removeEventListener("abort", stop);
  return { exitCode, stdout, stderr: exitCode === 127 && typeof reason === "string" ? reason : stderr };
};
