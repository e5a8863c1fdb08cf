import { constants } from "node:fs";
import { lstat, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import process from "node:process";
import { systemCode } from "@gatehouse/std";
import { isGone, ownerFile, ownerIn, tempPrefix, type Owner } from "./temp-owner.ts";

/** An owner's file has less (bytes); more is not read. */
const mostBytes = 1_000;

/**
 * Removes folders of ours whose process was killed: our user's own, closed to others, and by the record in them of a
 * process that is gone. Everything else stays, whatever it is called.
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
    if (owner !== null && isGone(owner)) await rm(folder, { recursive: true, force: true });
  } catch (error) {
    // Another one sweeps too, or it cannot be removed: then it stays.
    systemCode(error);
  }
};

const isPrivate = async (folder: string): Promise<boolean> => {
  const status = await lstat(folder);
  return status.isDirectory() && status.uid === process.getuid?.() && (status.mode & 0o077) === 0;
};

/** Null where it is no record of ours: a link, a pipe, another's file, a torn one. */
const readOwner = async (file: string): Promise<Owner | null> => {
  const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const status = await handle.stat();
    if (!status.isFile() || status.uid !== process.getuid?.() || status.size > mostBytes) return null;
    return ownerIn(parsed(await handle.readFile("utf8")));
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
