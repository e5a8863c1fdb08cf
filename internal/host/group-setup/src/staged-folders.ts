import { lstat, mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import type { CentralTables } from "@gatehouse/central-database";
import { groupFolder } from "@gatehouse/group-workspace";

/**
 * The folder in which folders of groups wait until their groups are saved. After the database has a group,
 * its folder moves into place, at once or at the start after a crash. A folder whose group was never saved is
 * removed. The name is not a valid group folder.
 */
export const stagingFolder = (dataDir: string): string => join(dataDir, "groups", ".importing");

/** Creates an empty staging folder, readable by its owner only. Throws the system's error. */
export const makeStaging = async (dataDir: string): Promise<string> => {
  await makeFolder(join(dataDir, "groups"), 0o711);
  const staging = stagingFolder(dataDir);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { mode: 0o700 });
  return staging;
};

/**
 * Moves the folders of saved groups into place, and removes the others. Does nothing without a staging
 * folder.
 */
export const settleStaging = async (db: Kysely<CentralTables>, dataDir: string): Promise<void> => {
  const staging = stagingFolder(dataDir);
  const waiting = await foldersIn(staging);
  if (waiting === null) return;
  const saved = await db.selectFrom("agent_groups").select("folder").execute();
  const arrived = saved.filter((group) => waiting.includes(group.folder));
  for (const { folder } of arrived) {
    const place = groupFolder(dataDir, folder);
    await removeEmpty(place);
    if (!(await isThere(place))) await rename(join(staging, folder), place);
  }
  await rm(staging, { recursive: true, force: true });
};

const foldersIn = async (staging: string): Promise<readonly string[] | null> => {
  try {
    return await readdir(staging);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  }
};

const isThere = async (path: string): Promise<boolean> => {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return false;
    throw error;
  }
};

/** Removes a folder only if it is empty. */
const removeEmpty = async (path: string): Promise<void> => {
  try {
    await rmdir(path);
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "ENOTDIR"].includes(systemCode(error))) throw error;
  }
};
