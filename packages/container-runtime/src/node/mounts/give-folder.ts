import { constants } from "node:fs";
import { open, readdir, type FileHandle } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { usualIds, type AccountIds } from "../process/account.ts";

const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW, O_NONBLOCK } = constants;

/**
 * Gives a folder of root, with all that root owns in it, to the account of a container: a host that runs as root has made
 * it, or an agent has used it as a process. No container is root. Does nothing for a folder of another owner.
 *
 * Programs of the account may change the folder meanwhile, so each entry is changed by a handle that follows no link, and a
 * file that has a second name elsewhere stays root's.
 */
export const giveFolder = async (folder: string, to: AccountIds): Promise<void> => {
  // Other systems have no paths of handles.
  const isWhole = process.platform === "linux";
  if (process.geteuid?.() === 0) await giveFrom(folder, { from: 0, to, isWhole });
};

/**
 * Takes a folder back for an agent that runs as a process of root: `giveFolder` then gives what this agent has written to
 * the next container. Does nothing for a folder of another owner than the account of containers.
 */
export const takeFolder = async (folder: string): Promise<void> => {
  if (process.geteuid?.() === 0)
    await giveFrom(folder, { from: usualIds.uid, to: { uid: 0, gid: 0 }, isWhole: false });
};

type Giving = { readonly from: number; readonly to: AccountIds; readonly isWhole: boolean };

const giveFrom = async (folder: string, giving: Giving): Promise<void> => {
  const handle = await opened(folder, O_DIRECTORY);
  try {
    if (handle === null || (await handle.stat()).uid !== giving.from) return;
    // The folder itself is last: a host that was killed before begins anew.
    if (giving.isWhole) await giveEntries(handle, giving);
    await handle.chown(giving.to.uid, giving.to.gid);
  } finally {
    await handle?.close();
  }
};

const giveEntries = async (folder: FileHandle, giving: Giving): Promise<void> => {
  const at = `/proc/self/fd/${folder.fd}`;
  for (const entry of await readdir(at, { withFileTypes: true })) {
    if (!entry.isFile() && !entry.isDirectory()) continue;
    const handle = await opened(join(at, entry.name), entry.isDirectory() ? O_DIRECTORY : 0);
    if (handle === null) continue;
    try {
      const facts = await handle.stat();
      if (facts.isDirectory()) await giveEntries(handle, giving);
      const isOnlyHere = facts.isDirectory() || (facts.isFile() && facts.nlink === 1);
      if (facts.uid === giving.from && isOnlyHere) await handle.chown(giving.to.uid, giving.to.gid);
    } finally {
      await handle.close();
    }
  }
};

/** Opens a path; null if it is gone, or has become something else. */
const opened = async (path: string, flags: number): Promise<FileHandle | null> => {
  try {
    return await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | flags);
  } catch (error) {
    if (["ENOENT", "ENOTDIR", "ELOOP", "ENXIO"].includes(systemCode(error))) return null;
    throw error;
  }
};
