import { boxed, compact } from "./rows.ts";

/** Rows of a screen as one text, in two forms: compact, to look for sentences in, and as it was drawn. */
export type Passage = {
  /** White space, boxes and case removed: the same however wide the terminal is. */
  readonly compact: string;
  /**
   * What was drawn between two places of the compact form. Where a row ends stands a line feed; a carriage return where
   * the row was full, so that a word may go on in the next one.
   */
  readonly drawn: (from: number, to: number) => string;
};

const leading = new RegExp(`^[\\s${boxed}]+`, "u");
/** A block at the right edge is the handle of a scroll bar (Qwen Code 0.24.4 draws one). */
const trailing = new RegExp(`[\\s${boxed}█]+$`, "u");

export const passageOf = (rows: readonly string[]): Passage => {
  const text = joined(rows);
  const starts: number[] = [];
  const ends: number[] = [];
  let read = "";
  let at = 0;
  for (const character of text) {
    const bare = compact(character);
    for (let unit = 0; unit < bare.length; unit += 1) {
      starts.push(at);
      ends.push(at + character.length);
    }
    read += bare;
    at += character.length;
  }
  return {
    compact: read,
    drawn: (from, to) => (from >= to ? "" : text.slice(starts[from], ends[to - 1])),
  };
};

const joined = (rows: readonly string[]): string => {
  const texts = rows.map((row) => row.replace(trailing, "")).filter((row) => row !== "");
  const width = Math.max(0, ...texts.map(({ length }) => length));
  return texts.map((row) => row.replace(leading, "") + (row.length === width ? "\r" : "\n")).join("");
};
