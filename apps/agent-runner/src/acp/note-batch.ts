import { rm, writeFile } from "node:fs/promises";
import { textIfThere } from "../files.ts";

/**
 * Notes in a file that a batch is sent now. Returns whether it was sent before: by this runner, or by one that was
 * killed before its answer was committed.
 */
export const noteBatch = async (file: string, batch: string): Promise<boolean> => {
  if ((await textIfThere(file)) === batch) return true;
  // Removed first: an agent could have put a link there.
  await rm(file, { force: true, recursive: true });
  await writeFile(file, batch, { mode: 0o600, flag: "wx" });
  return false;
};
