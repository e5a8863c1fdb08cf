import { closeSync, constants, fstat, openSync, read, readSync } from "node:fs";
import { systemCode } from "./system-code.ts";

/** Bytes that a first read asks for: a file below that needs no second call. */
const firstRead = 32 * 1024;

type End = (error: Error | null, content: Buffer | null) => void;

/**
 * A whole file, `null` where the entry is no file; system errors reject. Opened without blocking: a named pipe in a
 * file's place would otherwise hold the reader for ever. The start is read synchronously, as the folders are looked at:
 * at a kilobyte the way through the thread pool costs five times what the file does. A long file's rest is not.
 */
export const readWholeFile = async (path: string): Promise<Buffer | null> => {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const start = Buffer.allocUnsafe(firstRead);
    const count = readStart(descriptor, start);
    if (count === null) return null;
    return count < firstRead ? start.subarray(0, count) : await restOf(descriptor, start);
  } finally {
    closeSync(descriptor);
  }
};

/** Null where the entry is no file: a folder, or a pipe. */
const readStart = (descriptor: number, start: Buffer): number | null => {
  try {
    return readSync(descriptor, start, 0, firstRead, 0);
  } catch (error) {
    if (["EISDIR", "EAGAIN", "ESPIPE"].includes(systemCode(error))) return null;
    throw error;
  }
};

const restOf = (descriptor: number, start: Buffer): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    readRest(descriptor, start, (error, content) => (error ? reject(error) : resolve(content)));
  });

/** Reads on to the size that the file has now; one that shrinks meanwhile gives what is left of it. */
const readRest = (descriptor: number, start: Buffer, end: End): void => {
  fstat(descriptor, (error, status) => {
    if (error || !status.isFile()) {
      end(error, null);
      return;
    }
    const content = Buffer.allocUnsafe(Math.max(status.size, firstRead));
    start.copy(content);
    const from = (filled: number): void =>
      read(descriptor, content, filled, content.length - filled, filled, (error, count) => {
        if (error) end(error, null);
        else if (count === 0 || filled + count === content.length)
          end(null, content.subarray(0, filled + count));
        else from(filled + count);
      });
    from(firstRead);
  });
};
