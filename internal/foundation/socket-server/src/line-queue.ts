import type { Buffer } from "node:buffer";

/** Lines that wait for their turn. */
export type LineQueue = {
  put(line: Buffer): void;
  take(): Buffer | null;
  /** Bytes of all waiting lines. */
  bytes(): number;
};

/**
 * A queue that frees taken lines even if it is never empty, as with a client that is always some frames
 * ahead.
 */
export const createLineQueue = (): LineQueue => {
  const lines: Buffer[] = [];
  let [next, bytes] = [0, 0];
  return {
    put: (line) => {
      lines.push(line);
      bytes += line.length;
    },
    take: () => {
      const line = lines[next];
      if (line === undefined) return null;
      next += 1;
      bytes -= line.length;
      if (next * 2 >= lines.length) {
        lines.splice(0, next);
        next = 0;
      }
      return line;
    },
    bytes: () => bytes,
  };
};
