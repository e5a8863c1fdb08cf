import { lstat, readdir } from "node:fs/promises";
import type { Stats } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** The stat of a path, without following a link; null if there is nothing. */
export const factsOf = async (path: string): Promise<Stats | null> => {
  try {
    return await lstat(path);
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return null;
    throw error;
  }
};

export const isPlainFile = async (path: string): Promise<boolean> => (await factsOf(path))?.isFile() === true;

/** True if a path exists and is not an empty folder. */
export const holdsSomething = async (path: string): Promise<boolean> => {
  const facts = await factsOf(path);
  return facts !== null && (!facts.isDirectory() || (await readdir(path)).length > 0);
};
