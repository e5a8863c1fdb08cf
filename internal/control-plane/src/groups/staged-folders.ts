import { lstat, mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Kysely } from "kysely";
import { makeFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import type { CentralTables } from "../database/tables.ts";
import { groupFolder } from "@gatehouse/group-workspace";

/**
 * Where folders of groups wait until their groups are saved. The database decides: once it has a group, its folder moves into
 * place, at once or after a crash, and a folder whose group never came is removed. The name is no folder of a group.
 */
export const stagingFolder = (dataDir: string): string => join(dataDir, "groups", ".importing");

/** An empty one, for its owner only. Throws what the system says. */
export const makeStaging = async (dataDir: string): Promise<string> => {
  await makeFolder(join(dataDir, "groups"), 0o711);
  const staging = stagingFolder(dataDir);
  await rm(staging, { recursive: true, force: true });
  await mkdir(staging, { mode: 0o700 });
  return staging;
};

/** Moves into place what belongs to a group that is saved, and removes the rest. Does nothing where nothing waits. */
export const settleStaging = async (db: Kysely<CentralTables>, dataDir: string): Promise<void> => {
  const staging = stagingFolder(dataDir);
  const waiting = await foldersIn(staging);
  if (waiting === null) return;
  const saved = await db.selectFrom("agent_groups").select("folder").execute();
  for (const { folder } of saved.filter((group) => waiting.includes(group.folder))) {
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

/** Removes an empty folder only. */
const removeEmpty = async (path: string): Promise<void> => {
  try {
    await rmdir(path);
  } catch (error) {
    if (!["ENOENT", "ENOTEMPTY", "ENOTDIR"].includes(systemCode(error))) throw error;
  }
};
