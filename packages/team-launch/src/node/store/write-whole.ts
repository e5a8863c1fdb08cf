import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/** Replaces a file, mode 0600. Readers see the old text or the new one, also after a kill -9. Throws system errors. */
export const writeWhole = async (file: string, text: string): Promise<void> => {
  const beside = `${file}.${randomUUID()}.new`;
  try {
    const handle = await open(beside, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(beside, file);
  } finally {
    await rm(beside, { force: true });
  }
};
