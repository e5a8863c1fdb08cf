import { posix, win32 } from "node:path";
import type { Platform } from "@trust/claude-state-probe";

type Environment = Readonly<Record<string, string | undefined>>;

/** The folders in which a program is looked for, and the file names that it may have in each. */
export type ProgramPlaces = { readonly folders: readonly string[]; readonly names: readonly string[] };

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
