import { close, constants, fstat, open, read } from "node:fs";

/**
 * A whole file in one read, `null` where the entry is no file; system errors reject. Opened without blocking: a named pipe
 * in a file's place would otherwise hold the reader for ever. Callbacks, because at a kilobyte the promises of
 * `node:fs/promises` cost more than the file.
 */
export const readWholeFile = (path: string): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0), (openError, descriptor) => {
      if (openError) {
        reject(openError);
        return;
      }
      const end = (error: Error | null, content: Buffer | null): void => {
        close(descriptor, () => {}); // nothing was written, so a close that fails loses nothing
        if (error) reject(error);
        else resolve(content);
      };
      fstat(descriptor, (statError, status) => {
        if (statError) end(statError, null);
        else if (status.isFile()) readAll(descriptor, Buffer.allocUnsafe(status.size), end);
        else end(null, null);
      });
    });
  });

/** Fills the buffer from the start; a file that has shrunk since gives what is left of it. */
const readAll = (
  descriptor: number,
  buffer: Buffer,
  end: (error: Error | null, content: Buffer) => void,
): void => {
  const from = (filled: number): void =>
    read(descriptor, buffer, filled, buffer.length - filled, filled, (error, count) => {
      const total = filled + count;
      if (error) end(error, buffer);
      else if (count === 0 || total === buffer.length) end(null, buffer.subarray(0, total));
      else from(total);
    });
  from(0);
};
