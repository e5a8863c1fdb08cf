import { pathLine } from "@gatehouse/cli-kit";
import { messengers } from "@gatehouse/messengers/table";
import { shellWord, type Environment } from "@gatehouse/std";
import type { DatabaseFlags } from "@gatehouse/data-folder/choose-database";

type NextFlags = DatabaseFlags & { readonly data?: string };

/**
 * The command to run after `init` or `import`, for the same data folder and database. It repeats `--database` only
 * if the flag was typed: a database named by the environment is still there for the next command.
 */
export const nextStep = (flags: NextFlags, dataDir: string): string =>
  ["Next: gatehouse up", ...dataWords(flags, dataDir), ...databaseWords(flags.database)].join(" ");

/** The line to print before `nextStep` if the shell's PATH lacks our programs; empty otherwise. */
export const pathStep = (env: Environment): readonly string[] => {
  const line = pathLine(env);
  return line === null ? [] : [`First, once in each shell: ${line}`];
};

/** The command that saves the key for the models of a vendor. */
export const keyStep = (vendor: string, flags: NextFlags, dataDir: string): string =>
  [`Next, the key of the models: gatehouse secrets set ${vendor}`, ...dataWords(flags, dataDir)].join(" ");

/** The command with which an owner writes to the group of a folder once the host runs. */
export const chatStep = (folder: string, flags: NextFlags, dataDir: string): string =>
  [`Then, in another shell: gatehouse chat --group ${folder}`, ...dataWords(flags, dataDir)].join(" ");

/** The commands with which people write from their messengers. */
export const messengerSteps = (flags: NextFlags, dataDir: string): readonly string[] =>
  Object.entries(messengers).map(([type, { title }]) =>
    [`To write from ${title}: gatehouse channels add ${type}`, ...dataWords(flags, dataDir)].join(" "),
  );

const dataWords = ({ data }: NextFlags, dataDir: string): readonly string[] =>
  data ? [`--data ${shellWord(dataDir)}`] : [];

const databaseWords = (database: string | undefined): readonly string[] =>
  database === undefined ? [] : [`--database ${shellWord(database)}`];
