import { constants } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";
import { type Result, systemCode } from "@gatehouse/std";

/** A file's text, and its mode (permission bits). */
export type SmallFile = { readonly text: string; readonly mode: number };

/** Maximum size, bytes. */
const most = 1_048_576;

// An agent can put a link or a pipe into its group's folder, so links are not followed and pipes do not
// block.
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * Reads a file of up to 1 MiB; null if it does not exist. The error is the system's code: ELOOP for a link,
 * EINVAL for something other than a file, EFBIG for a larger file.
 */
export const readSmallFile = async (path: string): Promise<Result<SmallFile | null, string>> => {
  try {
    const file = await open(path, flags);
    try {
      return await readOpen(file);
    } finally {
      await file.close();
    }
  } catch (error) {
    const code = systemCode(error);
    return code === "ENOENT" ? { ok: true, value: null } : { ok: false, error: code };
  }
};

const readOpen = async (file: FileHandle): Promise<Result<SmallFile, string>> => {
  const stats = await file.stat();
  if (!stats.isFile()) return { ok: false, error: "EINVAL" };
  if (stats.size > most) return { ok: false, error: "EFBIG" };
  return { ok: true, value: { text: await file.readFile("utf8"), mode: stats.mode & 0o777 } };
};
