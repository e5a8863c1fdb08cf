import { readdir } from "node:fs/promises";
import { systemCode } from "@gatehouse/std";

/** The names in a folder; none if there is no folder. */
export const entriesOf = async (path: string): Promise<readonly string[]> => {
  try {
    return await readdir(path);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};
