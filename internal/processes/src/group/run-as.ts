import { execFile } from "node:child_process";
import { type Result, fail, ok } from "@gatehouse/std";

/** The programs that a sudo rule has to allow for an account: this one. */
export const shell = "/bin/sh";

/** The arguments that run a program as another account, without a password, in that account's home. */
export const asAccount = (account: string, command: readonly string[]): readonly [string, ...string[]] => [
  "sudo",
  ...["-n", "-H", "-u", account, "--", ...command],
];

/** Where sudo is looked for, and what it gets to see of the host's environment. */
export const bareEnv = { PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" };

/** A sudo that asks a directory service which is down takes its time, ms. */
const longestMs = 10_000;

/** Runs a program as another account. Its stdout, or what sudo or the program said. */
export const outputAs = (account: string, command: readonly string[]): Promise<Result<string, string>> => {
  const [program, ...args] = asAccount(account, command);
  const options = { env: bareEnv, cwd: "/", timeout: longestMs };
  return new Promise((resolve) =>
    execFile(program, args, options, (error, stdout, stderr) =>
      resolve(error === null ? ok(stdout) : fail(stderr.trim() || error.message)),
    ),
  );
};

/** What became of a program that ran as another account: null, or what sudo or the program said. */
export const runAs = async (account: string, command: readonly string[]): Promise<string | null> => {
  const ran = await outputAs(account, command);
  return ran.ok ? null : ran.error;
};
