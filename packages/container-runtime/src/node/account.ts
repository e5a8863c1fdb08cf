import { execFile } from "node:child_process";
import type { RuntimeError } from "../runtime.ts";
import { asAccount, bareEnv, shell } from "./gate.ts";

/** A sudo that asks a directory service which is down takes its time, ms. */
const longestMs = 10_000;

/** What became of a program that ran as another account: null, or what sudo or the program said. */
export const runAs = (account: string, command: readonly string[]): Promise<string | null> => {
  const [program, ...args] = asAccount(account, command);
  const options = { env: bareEnv, cwd: "/", timeout: longestMs };
  return new Promise((resolve) =>
    execFile(program, args, options, (error, _, stderr) =>
      resolve(error === null ? null : stderr.trim() || error.message),
    ),
  );
};

/** Why nothing can be started as this account; null if it can. */
export const accountProblem = async (account: string): Promise<RuntimeError | null> => {
  const said = await runAs(account, [shell, "-c", ":"]);
  if (said === null) return null;
  return {
    code: "runtime-unavailable",
    message: `Nothing can be started as ${account}: ${said}`,
    fix: `Give the host's account a sudo rule for it: ALL=(${account}) NOPASSWD: ${shell}`,
  };
};
