import { existsSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import process from "node:process";
import { shellWord, type Environment } from "@gatehouse/std";

/** The programs that printed commands start. */
const programs = ["gatehouse", "ncl"];

/**
 * npm and npx add such folders to the PATH of programs that they start; the caller's shell does not have
 * them.
 */
const ofNpm = join("node_modules", ".bin");

/**
 * The shell command that puts the programs on the PATH. Null if they are on it, or if their folder is unknown.
 * `program` is the path by which this program was started.
 */
export const pathLine = (env: Environment, program: string = process.argv[1] ?? ""): string | null => {
  const entries = (env["PATH"] ?? "").split(delimiter).filter((entry) => entry !== "");
  const isOfNpm = (entry: string): boolean => env["npm_command"] !== undefined && entry.endsWith(ofNpm);
  const hasThem = (folder: string): boolean => programs.every((name) => existsSync(join(folder, name)));
  if (entries.some((entry) => !isOfNpm(entry) && hasThem(entry))) return null;
  const folder = [dirname(program), ...entries.filter(isOfNpm)].find(hasThem);
  return folder === undefined ? null : `export PATH=${shellWord(folder)}:"$PATH"`;
};
