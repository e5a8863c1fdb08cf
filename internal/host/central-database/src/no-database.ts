import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { attempt } from "@gatehouse/sqlite";

/**
 * True if the data folder has folders of groups. Then a missing or empty database was lost or named wrongly: a
 * new one would leave the folders without their groups.
 */
export const hasGroupFolders = async (dataDir: string): Promise<boolean> => {
  const names = await attempt(() => readdir(join(dataDir, "groups")));
  return names.ok && names.value.length > 0;
};
