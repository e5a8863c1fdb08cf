import { lstatSync, realpathSync, statSync } from "node:fs";

/** What SQLite keeps beside a database. */
const besides: readonly string[] = ["-wal", "-shm", "-journal"];

/**
 * The first of a database's files that is no plain file; null if there is none. SQLite would open a pipe and wait in it for ever,
 * and with it the whole process. Nothing is opened for this look. The database itself may be a link, what is beside it not.
 */
export const oddFileOf = (path: string): string | null => {
  const there = statSync(path, { throwIfNoEntry: false });
  if (there === undefined) return null;
  if (!there.isFile()) return path;
  const real = realpathSync(path);
  return besides.map((suffix) => `${real}${suffix}`).find(isOdd) ?? null;
};

const isOdd = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === false;
