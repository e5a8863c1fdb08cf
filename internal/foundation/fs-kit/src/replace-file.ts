import { randomUUID } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";

/**
 * Replaces a file atomically and durably. A reader sees the old text or the new one, also after a kill -9,
 * which may leave a file `NAME.*.new`. A link in its place is replaced, not followed. Throws the system's
 * errors.
 */
export const replaceFile = async (file: string, text: string, mode = 0o600): Promise<void> => {
  const fresh = `${file}.${randomUUID()}.new`;
  try {
    const handle = await open(fresh, "wx", mode);
    try {
      await handle.writeFile(text);
      // The process's umask may have narrowed the mode.
      await handle.chmod(mode);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(fresh, file);
  } finally {
    await rm(fresh, { force: true });
  }
};
