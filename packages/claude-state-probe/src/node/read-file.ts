import { constants as buffer } from "node:buffer";
import { closeSync, constants, fstat, lstatSync, openSync, read, readSync } from "node:fs";
import { type Result, systemCode } from "@gatehouse/std";

/**
 * True if there is no entry at a path, false if the system reports another error. Most of the places that
 * are looked at are empty, and in Node an error for a missing entry takes ten times as long as the look.
 */
export const isNothingAt = (path: string): boolean => {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) === undefined;
  } catch (error) {
    systemCode(error);
    return false;
  }
};

/** Bytes of the first read. A smaller file needs no second call. */
const firstRead = 32 * 1024;

/**
 * The size limit for a folder's own files. A person would not write a larger one, and these files are not
 * trusted yet.
 */
export const maxOwnBytes = 1_048_576;

type End = (error: Error | null, content: Buffer | null) => void;

/**
 * Reads a whole file; `null` if the entry is not a file. System errors reject. A file of more than `maxBytes`
 * bytes rejects with EFBIG; the default is the longest text of JavaScript, about 512 MiB. The file is opened
 * without blocking, because a named pipe in its place would otherwise block the reader forever. The start is
 * read synchronously, as the folders are: for a kilobyte, the thread pool costs five times as much as the
 * read. The rest of a long file is read asynchronously.
 */
export const readWholeFile = async (
  path: string,
  maxBytes: number = buffer.MAX_STRING_LENGTH,
): Promise<Buffer | null> => {
  const descriptor = openSync(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    const start = Buffer.allocUnsafe(firstRead);
    const count = readStart(descriptor, start);
    if (count === null) return null;
    return count < firstRead ? start.subarray(0, count) : await restOf(descriptor, start, maxBytes);
  } finally {
    closeSync(descriptor);
  }
};

/** Reads the start of a file; null if the entry is a folder or a pipe. */
const readStart = (descriptor: number, start: Buffer): number | null => {
  try {
    return readSync(descriptor, start, 0, firstRead, 0);
  } catch (error) {
    if (["EISDIR", "EAGAIN", "ESPIPE"].includes(systemCode(error))) return null;
    throw error;
  }
};

const restOf = (descriptor: number, start: Buffer, maxBytes: number): Promise<Buffer | null> =>
  new Promise((resolve, reject) => {
    readRest(descriptor, start, maxBytes, (error, content) => (error ? reject(error) : resolve(content)));
  });

/**
 * Reads up to the current size of the file. If the file shrinks meanwhile, the result is the part that
 * remains.
 */
const readRest = (descriptor: number, start: Buffer, maxBytes: number, end: End): void => {
  fstat(descriptor, (error, status) => {
    if (error || !status.isFile()) {
      end(error, null);
      return;
    }
    if (status.size > maxBytes) {
      end(Object.assign(new Error(`EFBIG: more than ${maxBytes} bytes`), { code: "EFBIG" }), null);
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

/** A failed read. `detail` is the system's code or a fixed text, never a part of the file. */
export type ReadError = {
  readonly code: "missing" | "unreadable" | "not-json";
  readonly detail: string;
};

const failure = (code: ReadError["code"], detail: string): Result<never, ReadError> => ({
  ok: false,
  error: { code, detail },
});

/** Parses JSON. A byte order mark is allowed, because editors on Windows write one. */
const parse = (text: string): Result<unknown, ReadError> => {
  try {
    return { ok: true, value: JSON.parse(text.startsWith("\uFEFF") ? text.slice(1) : text) };
  } catch (error) {
    if (error instanceof SyntaxError) return failure("not-json", "it is not whole JSON");
    throw error;
  }
};

/** Reads a JSON file once. A file of more than `maxBytes` bytes is unreadable. */
export const readJson = async (path: string, maxBytes?: number): Promise<Result<unknown, ReadError>> => {
  try {
    const bytes = await readWholeFile(path, maxBytes);
    return bytes === null ? failure("unreadable", "it is not a file") : parse(bytes.toString("utf8"));
  } catch (error) {
    const code = systemCode(error);
    return failure(code === "ENOENT" || code === "ENOTDIR" ? "missing" : "unreadable", code);
  }
};
