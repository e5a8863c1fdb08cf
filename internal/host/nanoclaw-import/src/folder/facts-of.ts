import { lstat, readdir } from "node:fs/promises";
import { systemCode } from "@gatehouse/std";

/** True if a path exists and is not an empty folder. A link counts, and is not followed. */
export const holdsSomething = async (path: string): Promise<boolean> => {
  try {
    const facts = await lstat(path);
    return !facts.isDirectory() || (await readdir(path)).length > 0;
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return false;
    throw error;
  }
};
