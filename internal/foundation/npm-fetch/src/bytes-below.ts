import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * The size of all files below a folder, in bytes. Files that disappear meanwhile (npm renames a lot) are not
 * counted, and a file with two names (Claude Code's binary) counts once.
 */
export const bytesBelow = async (folder: string): Promise<number> => {
  const sizes = new Map<number, number>();
  // A recursive `readdir` of Node 26 follows links.
  const add = async (below: string): Promise<void> => {
    for (const entry of await readdir(below, { withFileTypes: true }).catch(() => [])) {
      const path = join(below, entry.name);
      if (entry.isDirectory()) await add(path);
      if (!entry.isFile()) continue;
      const found = await lstat(path).catch(() => null);
      if (found !== null) sizes.set(found.ino, found.size);
    }
  };
  await add(folder);
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
};
