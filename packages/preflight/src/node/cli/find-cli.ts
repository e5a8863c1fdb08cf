import { constants, lstatSync } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { thisPlatform } from "@trust/claude-state-probe/node";
import { agentClis, type CliError, type FindCliOptions, type Provider, type Result } from "../../index.ts";
import { systemCode } from "@gatehouse/std";
import { programPlaces } from "./program-places.ts";

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
