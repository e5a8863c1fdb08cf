import { lstatSync, realpathSync, statSync } from "node:fs";

/** Suffixes of the files that SQLite keeps next to a database. */
const suffixes: readonly string[] = ["-wal", "-shm", "-journal"];

/**
 * The first of a database's files that is not a regular file; null if all are. SQLite would open a pipe and
 * block the process forever. This check opens nothing. The database itself may be a link, its log files may
 * not.
 */
export const oddFileOf = (path: string): string | null => {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return null;
  if (!there.isFile()) return path;
  const real = realpathSync(path);
  return suffixes.map((suffix) => `${real}${suffix}`).find(isOdd) ?? null;
};

const isOdd = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === false;
