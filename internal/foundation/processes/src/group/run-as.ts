import { execFile } from "node:child_process";
import { type Result, fail, ok } from "@gatehouse/std";

/** The only program that a sudo rule has to allow for an account. */
export const shell = "/bin/sh";

/** The arguments that run a program as another account, without a password, in that account's home. */
export const asAccount = (account: string, command: readonly string[]): readonly [string, ...string[]] => [
  "sudo",
  ...["-n", "-H", "-u", account, "--", ...command],
];

/** The whole environment of sudo: the PATH on which it is searched. */
export const bareEnv = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/** Timeout, ms: sudo may wait for a directory service that is down. */
const longestMs = 10_000;

/**
 * Runs a program as another account, for at most this time (ms). Returns its stdout, or the error text of sudo or the
 * program.
 */
export const outputAs = (
  account: string,
  command: readonly string[],
  timeoutMs: number = longestMs,
): Promise<Result<string, string>> => {
  const [program, ...args] = asAccount(account, command);
  const options = { env: bareEnv, cwd: "/", timeout: timeoutMs };
  return new Promise((resolve) =>
    execFile(program, args, options, (error, stdout, stderr) =>
      resolve(error === null ? ok(stdout) : fail(stderr.trim() || error.message)),
    ),
  );
};

/** Runs a program as another account. Resolves to null, or to the error text of sudo or the program. */
export const runAs = async (account: string, command: readonly string[]): Promise<string | null> => {
  const ran = await outputAs(account, command);
  return ran.ok ? null : ran.error;
};
