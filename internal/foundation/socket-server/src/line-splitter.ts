import { Buffer } from "node:buffer";

/** The lines that a chunk completed, without their newline. `tooLong`: the next line exceeds the limit. */
export type Split = { readonly lines: readonly Buffer[]; readonly tooLong: boolean };

export type LineSplitter = {
  push(chunk: Buffer): Split;
  /** Removes and returns the bytes after the last newline. */
  rest(): Buffer;
  /** Bytes after the last newline. */
  size(): number;
};

const newline = 0x0a;

/**
 * Pieces shorter than this are joined, bytes: a separate buffer for each byte would take hundreds of times
 * its length.
 */
const shortest = 2 ** 12;

/** Splits a stream of bytes into lines of at most `limit` bytes. It holds at most one incomplete line. */
export const createLineSplitter = (limit: number): LineSplitter => {
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer): void => {
    const last = parts.at(-1);
    if (last !== undefined && last.length + part.length <= shortest)
      parts[parts.length - 1] = Buffer.concat([last, part]);
    else parts.push(part);
    size += part.length;
  };
  const take = (): Buffer => {
    const line = parts.length === 1 ? parts[0]! : Buffer.concat(parts, size);
    parts = [];
    size = 0;
    return line;
  };
  return {
    push: (chunk) => {
      const lines: Buffer[] = [];
      let from = 0;
      for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
        if (size + at - from > limit) return { lines, tooLong: true };
        keep(chunk.subarray(from, at));
        lines.push(take());
        from = at + 1;
      }
      if (size + chunk.length - from > limit) return { lines, tooLong: true };
      if (from < chunk.length) keep(chunk.subarray(from));
      return { lines, tooLong: false };
    },
    rest: take,
    size: () => size,
  };
};
