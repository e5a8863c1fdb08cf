import { pathLine } from "@gatehouse/cli-kit";
import { shellWord, type Environment } from "@gatehouse/std";
import type { DatabaseFlags } from "@gatehouse/data-folder/choose-database";

type NextFlags = DatabaseFlags & { readonly data?: string };

/**
 * The next command to run after `init` or `import`, for the same data folder and database. The flags are as
 * typed; a database of the environment is there the next time, too.
 */
export const nextStep = (flags: NextFlags, dataDir: string): string =>
  ["Next: gatehouse up", ...dataWords(flags, dataDir), ...databaseWords(flags.database)].join(" ");

/** The line before it, for a shell that does not find our programs. */
export const pathStep = (env: Environment): readonly string[] => {
  const line = pathLine(env);
  return line === null ? [] : [`First, once in each shell: ${line}`];
};

/** How an owner writes to the group of a folder, once the host is up. */
export const chatStep = (folder: string, flags: NextFlags, dataDir: string): string =>
  [`Then, in another shell: gatehouse chat --group ${folder}`, ...dataWords(flags, dataDir)].join(" ");

const dataWords = ({ data }: NextFlags, dataDir: string): readonly string[] =>
  data ? [`--data ${shellWord(dataDir)}`] : [];

const databaseWords = (database: string | undefined): readonly string[] =>
  database === undefined ? [] : [`--database ${shellWord(database)}`];
