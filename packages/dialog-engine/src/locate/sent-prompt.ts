import { unboxed } from "../screen/rows.ts";
import { hasKeyHint } from "./key-hint.ts";
import type { List } from "./read-list.ts";

/**
 * True for a prompt of several rows that a person has sent or is typing. It looks like a list without numbers,
 * but it begins with the composer's glyph in the composer's column, and no keys are named below it.
 *
 *      ❯ Fix the bug                    <- sent: in the transcript
 *        and run the tests
 *
 *      ────────────────────
 *      ❯ Type @ to mention files, or    <- the composer, with a placeholder that wraps
 *        ? for shortcuts
 *      ────────────────────
 *
 * `below`: the rows below the list, down to the next frame.
 */
export const isSentPrompt = (
  rows: readonly string[],
  list: List,
  composer: number,
  below: readonly string[],
): boolean => {
  if (list.isNumbered || list.pointed.length !== 1 || list.pointed[0] !== 0) return false;
  if (list.first > composer || hasKeyHint(below)) return false;
  const [first, prompt] = [promptOf(rows[list.first]), promptOf(rows[composer])];
  return first.glyph === prompt.glyph && (first.column === prompt.column || first.column === 0);
};

const promptOf = (row = ""): { readonly glyph: string; readonly column: number } => {
  const plain = unboxed(row);
  return { glyph: plain.trim().charAt(0), column: plain.search(/\S/u) };
};
