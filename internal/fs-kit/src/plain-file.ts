import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/** A larger file is not read: no file of ours, and none that a person writes, comes near it. */
const mostBytesOfText = 16 * 1_048_576;

/** O_NONBLOCK: opening a named pipe would otherwise wait for a writer forever. Windows has no such flag. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for reading, only if it is a regular one. Throws like `open`; the code is `EISDIR` for a folder, and
 * `not-a-file` for a named pipe, a device or a socket.
 */
export const openPlainFile = async (path: string): Promise<FileHandle> => {
  const handle = await open(path, flags);
  try {
    refuseOthers(path, await handle.stat(), Infinity);
    return handle;
  } catch (error) {
    await handle.close();
    throw error;
  }
};

/**
 * The text of a regular file, for every file that somebody else may have put there: a named pipe would block the
 * reader, /dev/zero would fill its memory. Throws as `openPlainFile` does, and `EFBIG` for a larger file.
 */
export const readPlainFile = async (path: string, mostBytes: number = mostBytesOfText): Promise<string> => {
  const handle = await openPlainFile(path);
  try {
    refuseOthers(path, await handle.stat(), mostBytes);
    return await handle.readFile("utf8");
  } finally {
    await handle.close();
  }
};

/** As `readPlainFile`, for callers that read many small files: each takes a tenth of the time. */
export const readPlainFileSync = (path: string, mostBytes: number = mostBytesOfText): string => {
  const descriptor = openSync(path, flags);
  try {
    refuseOthers(path, fstatSync(descriptor), mostBytes);
    return readFileSync(descriptor, "utf8");
  } finally {
    closeSync(descriptor);
  }
};

const refuseOthers = (path: string, stat: Stats, mostBytes: number): void => {
  const code = stat.isDirectory() ? "EISDIR" : stat.isFile() ? null : "not-a-file";
  if (code !== null) throw Object.assign(new Error(`${code}: ${path}`), { code });
  if (stat.size > mostBytes) throw Object.assign(new Error(`EFBIG: ${path}`), { code: "EFBIG" });
};
