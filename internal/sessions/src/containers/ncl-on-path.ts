import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { makeFolder } from "@gatehouse/fs-kit";
import { replaceFile } from "@gatehouse/group-workspace";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/** The folder in a session's `in/` with the agent's `ncl`. */
export const programsIn = (inFolder: string): string => join(inFolder, "bin");

/**
 * Writes a program `ncl` that starts the host's own: the host may have been started by its path, and then no
 * `ncl` is on the PATH. The error is a sentence.
 */
export const writeNcl = async (
  inFolder: string,
  command: readonly string[],
): Promise<Result<null, string>> => {
  const folder = programsIn(inFolder);
  try {
    await makeFolder(folder, 0o755);
  } catch (error) {
    return fail(`The folder ${folder} cannot be made (${systemCode(error)}).`);
  }
  const script = `#!/bin/sh\nexec ${command.map(quoted).join(" ")} "$@"\n`;
  const written = await replaceFile(join(folder, "ncl"), script, 0o755);
  return written.ok ? ok(null) : fail(`${join(folder, "ncl")} cannot be written (${written.error.code}).`);
};

const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`;

/** The PATH of an agent: its `ncl` first, then the host's PATH. */
export const pathWith = (inFolder: string): string => {
  const own = process.env["PATH"] ?? [dirname(process.execPath), "/usr/bin", "/bin"].join(delimiter);
  return `${programsIn(inFolder)}${delimiter}${own}`;
};
