import { parseJson } from "@gatehouse/std";

/** A longer line cannot be an answer about a folder. */
const maxCharacters = 4 * 1024 * 1024;

/** One message as a line of JSON Lines. */
export const requestLine = (request: unknown): string => `${JSON.stringify(request)}\n`;

/** Splits JSON Lines as they arrive. */
export type LineReader = {
  /**
   * The messages that this text completes; lines that are not JSON are skipped. Null: a line is too long to
   * keep.
   */
  feed(text: string): readonly unknown[] | null;
};

export const createLineReader = (limit: number = maxCharacters): LineReader => {
  let pieces: string[] = [];
  let kept = 0;
  return {
    feed: (text) => {
      const end = text.lastIndexOf("\n");
      const complete = end === -1 ? "" : pieces.join("") + text.slice(0, end);
      if (end !== -1) [pieces, kept] = [[], 0];
      const rest = text.slice(end + 1);
      pieces.push(rest);
      kept += rest.length;
      if (kept > limit || complete.length > 2 * limit) return null;
      return complete
        .split("\n")
        .map(parseJson)
        .filter((message) => message !== null);
    },
  };
};
