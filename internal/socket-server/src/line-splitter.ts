import { Buffer } from "node:buffer";

/** The lines that are whole after a chunk, without their newline; `tooLong` where the next one passed the limit. */
export type Split = { readonly lines: readonly Buffer[]; readonly tooLong: boolean };

export type LineSplitter = {
  push(chunk: Buffer): Split;
  /** What came after the last newline. */
  rest(): Buffer;
};

const newline = 0x0a;

/** Cuts a stream of bytes into lines of at most `limit` bytes, and never holds more than one line that is not whole. */
export const createLineSplitter = (limit: number): LineSplitter => {
  let parts: Buffer[] = [];
  let size = 0;
  const keep = (part: Buffer): void => {
    parts.push(part);
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
  };
};
