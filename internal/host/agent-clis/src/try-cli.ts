import { execFile } from "node:child_process";
import { outputAs, shell } from "@gatehouse/processes/records";
import { fail, ok, parseJson, type Result } from "@gatehouse/std";
import type { Environment, Provider } from "@trust/preflight";

export type TryCliOptions = {
  /** The program of the agents' runner, which has the trial. */
  readonly runner: readonly [string, ...string[]];
  /** The PATH of agents. */
  readonly path: string;
  /** The account that agents run as; null for the host's own. */
  readonly account: string | null;
  readonly env: Environment;
};

/** Time for a trial, ms. It takes a second (Claude Code 2.1.328). */
const limitMs = 30_000;

/** Tries the CLI of a provider as the account of an agent. The error is a sentence. */
export const tryCli = async (provider: Provider, options: TryCliOptions): Promise<Result<null, string>> => {
  const { runner, path, account, env } = options;
  const command = [...runner, "try", provider, JSON.stringify({ PATH: path })] as const;
  const output =
    account === null
      ? await outputOf(command, env)
      : // The sudo rule of an account allows only its shell.
        await outputAs(account, [shell, "-c", 'exec "$@"', "try", ...command], limitMs);
  if (!output.ok) return fail(firstLine(output.error));
  const said = (parseJson(output.value) ?? {}) as { readonly ok?: unknown; readonly message?: unknown };
  if (said.ok === true) return ok(null);
  return fail(typeof said.message === "string" ? said.message : "The trial said nothing.");
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
