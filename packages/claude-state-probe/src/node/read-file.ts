import { constants as buffer } from "node:buffer";
import { closeSync, constants, fstat, openSync, read, readSync } from "node:fs";
import { systemCode } from "@gatehouse/std";

/** Bytes that a first read asks for: a file below that needs no second call. */
const firstRead = 32 * 1024;

/** A folder's own files of more bytes are not read: nobody wrote them by hand, and nobody has vouched for them. */
export const mostOwnBytes = 1_048_576;

type End = (error: Error | null, content: Buffer | null) => void;

/**
 * A whole file, `null` where the entry is no file; system errors reject, and a file of more than `most` bytes does so with
 * EFBIG (unless said, that is what a text can hold, about 512 MiB). Opened without blocking: a named pipe in a
 * file's place would otherwise hold the reader for ever. The start is read synchronously, as the folders are looked at:
 * at a kilobyte the way through the thread pool costs five times what the file does. A long file's rest is not.
 */
export const readWholeFile = async (
  path: string,
  most: number = buffer.MAX_STRING_LENGTH,
): Promise<Buffer | null> => {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const start = Buffer.allocUnsafe(firstRead);
    const count = readStart(descriptor, start);
    if (count === null) return null;
    return count < firstRead ? start.subarray(0, count) : await restOf(descriptor, start, most);
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

const restOf = (descriptor: number, start: Buffer, most: number): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    readRest(descriptor, start, most, (error, content) => (error ? reject(error) : resolve(content)));
  });

/** Reads on to the size that the file has now; one that shrinks meanwhile gives what is left of it. */
const readRest = (descriptor: number, start: Buffer, most: number, end: End): void => {
  fstat(descriptor, (error, status) => {
    if (error || !status.isFile()) {
      end(error, null);
      return;
    }
    if (status.size > most) {
      end(Object.assign(new Error(`EFBIG: more than ${most} bytes`), { code: "EFBIG" }), null);
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
