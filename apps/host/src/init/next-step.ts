import type { DatabaseFlags } from "../database/choose-database.ts";

/**
 * The next command to run after `init` or `import`, for the same data folder and database. The flags are as
 * typed; a database of the environment is there the next time, too.
 */
export const nextStep = (
  { data, database }: DatabaseFlags & { readonly data?: string },
  dataDir: string,
): string =>
  ["Next: gatehouse up", ...(data ? [`--data ${dataDir}`] : []), ...databaseWords(database)].join(" ");

const databaseWords = (database: string | undefined): readonly string[] =>
  database === undefined ? [] : [`--database '${database}'`];
