import { constants } from "node:fs";
import { lstat, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { hasEnded, processIdentityIn, type ProcessIdentity } from "@gatehouse/processes";
import { ownerFile, tempPrefix } from "./owner-file.ts";

/** Maximum size of an owner file, bytes. */
const maxBytes = 1_000;

/**
 * Removes the temporary folders of killed processes: folders of this account, closed to others, whose owner
 * file names a process that has ended. Leaves everything else, regardless of its name.
 */
export const sweepTempFolders = async (tmp: string): Promise<void> => {
  const names = await readdir(tmp).catch(systemCode);
  if (typeof names === "string") return;
  const ours = names.filter((name) => name.startsWith(tempPrefix)).map((name) => join(tmp, name));
  await Promise.all(ours.map(sweep));
};

const sweep = async (folder: string): Promise<void> => {
  try {
    if (!(await isPrivate(folder))) return;
    const owner = await readOwner(join(folder, ownerFile));
    if (owner !== null && hasEnded(owner)) await rm(folder, { recursive: true, force: true });
  } catch (error) {
    // Another process is removing it too, or it cannot be removed.
    systemCode(error);
  }
};

const isPrivate = async (folder: string): Promise<boolean> => {
  const status = await lstat(folder);
  return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0;
};

/** Null if it is not an owner file: a link, a pipe, another account's file, a torn one. */
const readOwner = async (file: string): Promise<ProcessIdentity | null> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.uid !== process.getuid?.() || status.size > maxBytes) return null;
    return processIdentityIn(parsed(await handle.readFile("utf8")));
  } finally {
    await handle.close();
  }
};

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
};
