import { close, constants, fstat, open, read } from "node:fs";

/** Bytes that a first read asks for: a file below that needs no second call. */
const firstRead = 32 * 1024;

type End = (error: Error | null, content: Buffer | null) => void;

/**
 * A whole file, `null` where the entry is no file; system errors reject. Opened without blocking: a named pipe in a
 * file's place would otherwise hold the reader for ever. Callbacks and few calls, because at a kilobyte those of
 * `node:fs/promises` cost more than the file.
 */
export const readWholeFile = (path: string): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0), (error, descriptor) => {
      if (error) {
        reject(error);
        return;
      }
      readFrom(descriptor, (error, content) => {
        close(descriptor, () => {}); // nothing was written, so a close that fails loses nothing
        if (error) reject(error);
        else resolve(content);
      });
    });
  });

const readFrom = (descriptor: number, end: End): void => {
  const start = Buffer.allocUnsafe(firstRead);
  read(descriptor, start, 0, firstRead, 0, (error, count) => {
    if (error?.code === "EISDIR" || error?.code === "EAGAIN" || error?.code === "ESPIPE") end(null, null);
    else if (error) end(error, null);
    else if (count < firstRead) end(null, start.subarray(0, count));
    else readRest(descriptor, start, end);
  });
};

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
