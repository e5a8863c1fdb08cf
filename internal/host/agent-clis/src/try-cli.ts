import { execFile } from "node:child_process";
import { outputAs, shell } from "@gatehouse/processes/records";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { Environment, Provider } from "@trust/preflight";

export type TryCliOptions = {
  /** The command line of the agents' runner, which has the trial. */
  readonly runner: readonly [string, ...string[]];
  /** The PATH of agents. */
  readonly path: string;
  /** The account that agents run as; null for the host's account. */
  readonly account: string | null;
  readonly env: Environment;
};

/** The time limit of a trial, ms. Claude Code 2.1.328 takes a second. */
const limitMs = 30_000;

/** Tries the CLI of a provider with the account of an agent. The error is a sentence. */
export const tryCli = async (provider: Provider, options: TryCliOptions): Promise<Result<null, string>> => {
  const { runner, path, account, env } = options;
  const command = [...runner, "try", provider, JSON.stringify({ PATH: path })] as const;
  const output =
    account === null
      ? await outputOf(command, env)
      : // The sudo rule for an account allows only the account's shell.
        await outputAs(account, [shell, "-c", 'exec "$@"', "try", ...command], limitMs);
  if (!output.ok) return fail(firstLine(output.error));
  const outcome = (parseJson(output.value) ?? {}) as { readonly ok?: unknown; readonly message?: unknown };
  if (outcome.ok === true) return ok(null);
  return fail(typeof outcome.message === "string" ? outcome.message : "The trial printed no outcome.");
};

const firstLine = (text: string): string => text.split("\n").find((line) => line.trim() !== "") ?? text;

const outputOf = (
  [file, ...args]: readonly [string, ...string[]],
  env: Environment,
): Promise<Result<string, string>> =>
  new Promise((resolve) =>
    execFile(
      file,
      args,
      { env: { ...env }, timeout: limitMs, killSignal: "SIGKILL" },
      (error, stdout, stderr) => resolve(error === null ? ok(stdout) : fail(stderr.trim() || error.message)),
    ),
  );
