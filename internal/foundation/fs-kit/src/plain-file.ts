import { closeSync, constants, fstatSync, openSync, readFileSync, type Stats } from "node:fs";
import { open, type FileHandle } from "node:fs/promises";

/** Maximum size of a text file, in bytes. Our files, and files that people write, are far smaller. */
const mostBytesOfText = 16 * 1_048_576;

/** O_NONBLOCK: opening a named pipe would otherwise wait for a writer forever. Windows has no such flag. */
const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

/**
 * Opens a file for reading, only if it is a regular file. Throws like `open`; the code is `EISDIR` for a
 * folder, and `not-a-file` for a named pipe, a device or a socket.
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
 * Reads a regular file as text. Use it for every path at which another program may have put a file: a named
 * pipe would block the reader, /dev/zero would fill its memory. Throws like `openPlainFile`, and `EFBIG` for
 * a larger file.
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

/** Like `readPlainFile`, for callers that read many small files: it takes a tenth of the time. */
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
