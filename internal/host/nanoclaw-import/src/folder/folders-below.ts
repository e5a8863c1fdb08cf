import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";

/**
 * Returns the names of the folders in a folder, sorted and without links; none if the folder does not exist, or if a part of
 * its path is a link or a file. Agents can write below a nanoclaw folder, and their links may lead anywhere. The error is the
 * beginning of a sentence, for a folder that this account may not read.
 */
export const foldersBelow = async (
  root: string,
  ...parts: readonly string[]
): Promise<Result<readonly string[], string>> => {
  let path = root;
  try {
    for (const part of parts) {
      path = join(path, part);
      if (!(await lstat(path)).isDirectory()) return ok([]);
    }
    const entries = await readdir(path, { withFileTypes: true });
    return ok(
      entries
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .toSorted(),
    );
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" || code === "ENOTDIR" ? ok([]) : fail(`${path} cannot be read (${code})`);
  }
};
