import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";

/**
 * Returns the path below a folder; null if a part of the path is a link or is not a folder. Agents can write below a
 * nanoclaw folder, and their links may lead anywhere.
 */
const plainFolder = async (root: string, ...parts: readonly string[]): Promise<string | null> => {
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    if (!(await isFolder(path))) return null;
  }
  return path;
};

/** Returns the names of the folders in a folder, sorted and without links; empty if the folder does not exist. */
export const foldersBelow = async (root: string, ...parts: readonly string[]): Promise<readonly string[]> => {
  const path = await plainFolder(root, ...parts);
  if (path === null) return [];
  const entries = await readdir(path, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .toSorted();
};

const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "EACCES"].includes(systemCode(error))) return false;
    throw error;
  }
};
