import { constants } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "@gatehouse/std";

/**
 * Makes a folder and those above it that are missing, all with this mode; one that is there stays as it is. Throws what
 * the system says. The recursive mkdir of Node 20.20 never returns where a folder is there and nothing can be made in it
 * with ENOENT (`/proc/x`), and takes a processor with it. What root makes in a folder of another account is that account's.
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
    if (process.geteuid?.() === 0) await giveToOwnerAbove(path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST" || !(await isFolder(path))) throw error;
  }
};

/** A folder that was exchanged meanwhile, so that it is no longer root's, stays as it is. */
const giveToOwnerAbove = async (path: string): Promise<void> => {
  const { uid, gid } = await stat(dirname(path));
  if (uid === 0) return;
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if ((await handle.stat()).uid === 0) await handle.chown(uid, gid);
  } finally {
    await handle.close();
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
