import { constants, lstatSync } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { join, posix, resolve, win32 } from "node:path";
import { thisPlatform } from "@trust/claude-state-probe/node";
import {
  agentClis,
  type CliError,
  type Environment,
  type FindCliOptions,
  type Provider,
  type Result,
} from "../index.ts";
import { systemCode } from "@gatehouse/std";
import type { Platform } from "@trust/claude-state-probe";

/** The system's reason why the file cannot be run; null if it can. */
const whyNotRunnable = async (path: string): Promise<string | null> => {
  try {
    if (!(await stat(path)).isFile()) return "not a file";
    await access(path, constants.X_OK);
    await realpath(path);
    return null;
  } catch (error) {
    return systemCode(error);
  }
};

/** Synchronous: most folders of PATH lack the program, and the thread pool takes twenty times as long to find that out. */
const isThere = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/**
 * Finds the program to start: the path that the caller named (resolved against the current folder), or else the first
 * file of this name on PATH. Skips relative entries of PATH: they could find a program inside the folder that is not
 * trusted yet.
 */
export const findProgram = async (
  file: string,
  { env, explicit }: FindCliOptions,
): Promise<Result<string, CliError>> => {
  if (explicit !== undefined) {
    const path = resolve(explicit);
    const why = await whyNotRunnable(path);
    return why === null ? { ok: true, value: path } : notFound(`${path} cannot be run (${why})`);
  }
  const { folders, names } = programPlaces(file, env, thisPlatform);
  for (const path of folders.flatMap((folder) => names.map((name) => join(folder, name)))) {
    if (isThere(path) && (await whyNotRunnable(path)) === null) return { ok: true, value: path };
  }
  return notFound(`no "${file}" in the ${folders.length} folders of PATH`);
};

/** Finds a provider's program, like `findProgram`. */
export const findCli = (provider: Provider, options: FindCliOptions): Promise<Result<string, CliError>> =>
  findProgram(agentClis[provider].file, options);

const notFound = (looked: string): Result<never, CliError> => ({
  ok: false,
  error: { code: "cli-not-found", looked },
});

/** The folders in which a program is looked for, and the file names that it may have in each. */
type ProgramPlaces = { readonly folders: readonly string[]; readonly names: readonly string[] };

/** The order in which Windows tries suffixes if PATHEXT is not set. Later ones are scripts that a shell runs. */
const defaultSuffixes = ".COM;.EXE;.BAT;.CMD";

/**
 * Reads PATH as the platform does. Leaves out relative entries. On Windows these include `\\tools` and `C:tools`, which
 * begin in the current drive or folder. Windows entries may be quoted, and a file without a suffix of PATHEXT is no
 * program: npm puts a shell script of that name beside `claude.cmd`.
 */
export const programPlaces = (file: string, env: Environment, platform: Platform): ProgramPlaces => {
  if (platform !== "win32")
    return { folders: (env["PATH"] ?? "").split(":").filter(posix.isAbsolute), names: [file] };
  const suffixes = suffixesOf(valueOf(env, "PATHEXT"));
  const isComplete = suffixes.includes(win32.extname(file).toLowerCase());
  return {
    folders: (valueOf(env, "PATH") ?? "").split(";").map(unquoted).filter(isFixed),
    names: isComplete ? [file] : suffixes.map((suffix) => file + suffix),
  };
};

const suffixesOf = (pathext: string | undefined): readonly string[] =>
  (pathext || defaultSuffixes)
    .split(";")
    .map((suffix) => suffix.trim().toLowerCase())
    .filter((suffix) => suffix.startsWith("."));

/** Windows ignores the case of a variable's name, and usually spells this one `Path`. A copied environment is case-sensitive. */
const valueOf = (env: Environment, name: string): string | undefined =>
  env[name] ?? Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1];

const unquoted = (entry: string): string => entry.replace(/^"(.*)"$/, "$1");

const isFixed = (folder: string): boolean => /^(?:[a-z]:[\\/]|[\\/]{2}[^\\/])/i.test(folder);
