import { mkdir, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "./system-code.ts";

/**
 * Makes a folder and those above it that are missing, all with this mode; one that is there stays as it is. Throws what
 * the system says. The recursive mkdir of Node 20.20 never returns where a folder is there and nothing can be made in it
 * with ENOENT (`/proc/x`), and takes a processor with it.
 */
export const makeFolder = async (path: string, mode: number): Promise<void> => {
  try {
    await makeOne(path, mode);
  } catch (error) {
    if (systemCode(error) !== "ENOENT" || dirname(path) === path) throw error;
    await makeFolder(dirname(path), mode);
    await makeOne(path, mode);
  }
};

const makeOne = async (path: string, mode: number): Promise<void> => {
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (systemCode(error) !== "EEXIST" || !(await isFolder(path))) throw error;
  }
};

/** A link that leads nowhere is none, like a file. */
const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
};
