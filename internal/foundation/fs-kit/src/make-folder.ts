import { constants } from "node:fs";
import { mkdir, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { systemCode } from "@gatehouse/std";

/**
 * Makes a folder and its missing parents, all with this mode; an existing folder is left unchanged. Throws
 * system errors. This is not mkdir's `recursive`: in Node 20.20 that never returns, and uses a whole
 * processor, if a parent exists and making an entry in it fails with ENOENT (`/proc/x`). If root makes a
 * folder inside another account's folder, that account becomes its owner.
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
    if (process.geteuid?.() === 0) await chownToParentOwner(path);
  } catch (error) {
    if (systemCode(error) !== "EEXIST" || !(await isFolder(path))) throw error;
  }
};

/** Changes nothing if the folder was replaced meanwhile and is no longer root's. */
const chownToParentOwner = async (path: string): Promise<void> => {
  const { uid, gid } = await stat(dirname(path));
  if (uid === 0) return;
  const handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  try {
    if ((await handle.stat()).uid === 0) await handle.chown(uid, gid);
  } finally {
    await handle.close();
  }
};

/** False for a dangling link and for a file. */
const isFolder = async (path: string): Promise<boolean> => {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
};
