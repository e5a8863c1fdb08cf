import { boxed, compact } from "../screen/rows.ts";

/** Rows of a screen as one text, in two forms: compact, to search for sentences, and as it was drawn. */
export type Passage = {
  /** White space, boxes and case removed: the same for every terminal width. */
  readonly compact: string;
  /**
   * The drawn text between two places of the compact form. A row ends with a line feed, or with a carriage
   * return if the row was full up to its box or the terminal's edge, so that a word may go on in the next
   * one.
   */
  readonly drawn: (from: number, to: number) => string;
};

const leading = new RegExp(`^[\\s${boxed}]+`, "u");
/** A block at the right edge is the handle of a scroll bar (Qwen Code 0.24.4 draws one). */
const trailing = new RegExp(`[\\s${boxed}█]+$`, "u");

/** `columns`: the terminal's width in cells. */
export const passageOf = (rows: readonly string[], columns: number): Passage => {
  const text = rows.map((row) => drawnIn(row, columns)).join("");
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

const border = /[│┃║▕]\s*$/u;
/** Programs leave up to this many cells free at the edge. */
const margin = 4;

const drawnIn = (row: string, columns: number): string => {
  const text = row.replace(trailing, "");
  if (text === "") return "";
  const edge = border.exec(row)?.index ?? columns;
  return text.replace(leading, "") + (text.length >= edge - margin ? "\r" : "\n");
};
