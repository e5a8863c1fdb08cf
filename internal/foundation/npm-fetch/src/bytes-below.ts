import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";

/**
 * The size of all files below a folder, in bytes. Files that disappear meanwhile (npm renames a lot) are not
 * counted, and a file with two names (Claude Code's binary) counts once.
 */
export const bytesBelow = async (folder: string): Promise<number> => {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const sizes = new Map<number, number>();
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const found = await lstat(join(entry.parentPath, entry.name)).catch(() => null);
    if (found !== null) sizes.set(found.ino, found.size);
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
};
