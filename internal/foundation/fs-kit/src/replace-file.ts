import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { systemCode } from "@gatehouse/std";

/**
 * Replaces a file atomically and durably, with the mode 0600. Returns the system's error code; null if it was
 * written.
 */
export const replaceFile = async (file: string, text: string): Promise<string | null> => {
  const fresh = `${file}.${randomUUID()}`;
  try {
    const handle = await open(fresh, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.chmod(0o600);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
    return null;
  } catch (error) {
    await rm(fresh, { force: true });
    return systemCode(error);
  }
};
