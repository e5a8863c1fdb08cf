import { execFile } from "node:child_process";
import { type Result, fail, ok } from "@gatehouse/std";
import type { RuntimeResult } from "../../runtime-result.ts";
import { asAccount, bareEnv, shell } from "./gate.ts";

/** A sudo that asks a directory service which is down takes its time, ms. */
const longestMs = 10_000;

/** Runs a program as another account. Its stdout, or what sudo or the program said. */
const outputAs = (account: string, command: readonly string[]): Promise<Result<string, string>> => {
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

/** The HOME of an account, as its own shell has it. The error says why nothing can be started as this account. */
export const homeOf = async (account: string): Promise<RuntimeResult<string>> => {
  const home = await outputAs(account, [shell, "-c", 'printf %s "$HOME"']);
  if (home.ok && home.value.startsWith("/")) return home;
  return fail({
    code: "runtime-unavailable",
    message: `Nothing can be started as ${account}: ${home.ok ? "it has no home folder" : home.error}`,
    fix: `Give the host's account a sudo rule for it: ALL=(${account}) NOPASSWD: ${shell}`,
  });
};
