import type { Result } from "@gatehouse/std";
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import type { ClaudeCli } from "../claude/find-cli.ts";
import type { ClaudeHome } from "../claude/claude-home.ts";

/** A way to make the real CLI trust one folder, from its spawn to its end. */
export type Competitor = {
  readonly name: string;
  /** A required program, and the argument with which it prints its version. */
  readonly needs?: { readonly program: string; readonly versionFlag: string };
  readonly trust: (
    cli: ClaudeCli,
    claudeHome: ClaudeHome,
    folder: string,
  ) => Promise<Result<unknown, string>>;
};

const run = promisify(execFile);

/** Null if the program is there, else the reason why the competitor does not take part. */
export const whyAbsent = async ({ needs }: Competitor): Promise<string | null> => {
  if (needs === undefined) return null;
  const { program, versionFlag } = needs;
  return run(program, [versionFlag]).then(
    () => null,
    () => `${program} is not installed`,
  );
};

/** Runs a program to its end, by argv; its output is text. */
export const finish = async (
  file: string,
  args: readonly string[],
  env: ClaudeHome["env"],
): Promise<Result<string, string>> =>
  run(file, [...args], { env }).then(
    ({ stdout }) => ({ ok: true, value: stdout }),
    (error: Error) => ({ ok: false, error: `${file} failed: ${error.message.split("\n").at(-1)}` }),
  );
