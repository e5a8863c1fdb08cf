import { readlink, realpath } from "node:fs/promises";
import { basename, dirname, join, relative, resolve, sep } from "node:path";
import { systemCode } from "@gatehouse/std";

/**
 * The path without links that a program would open. A path without a file has the one that a write would create, also
 * behind a link whose target is missing. Null if it cannot be found out, as in a loop of links.
 */
export const realPathOf = async (path: string): Promise<string | null> => {
  try {
    return await realpath(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") return null;
  }
  const folder = await realPathOf(dirname(path));
  if (folder === null) return null;
  const target = await readlink(path).catch((error: unknown) => (systemCode(error), null));
  return target === null ? join(folder, basename(path)) : realPathOf(resolve(folder, target));
};

/** True for the folder itself, and for paths below it. Both are real paths. */
export const isWithin = (folder: string, path: string): boolean => {
  const way = relative(folder, path);
  return way !== ".." && !way.startsWith(`..${sep}`);
};
