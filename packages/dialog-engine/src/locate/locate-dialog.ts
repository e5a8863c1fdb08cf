import { compact, isRule, opensFrame, unboxed } from "../screen/rows.ts";
import { marks, readLists, type List, type ListStyle, type Option } from "./read-list.ts";
import { lastKeyHint, hasKeyHint } from "./key-hint.ts";

/** A question on the screen, at any place and in any style. Rows count from 0. */
export type Dialog = {
  readonly type:
    | "list"
    | "yes-no"
    /** A question without a list, or with a list that has no pointer: only the keys it names show the question. */
    | "keys";
  readonly options: readonly Option[];
  /** Index of the option that the pointer is on; null if no row or more than one row has a pointer. */
  readonly pointed: number | null;
  readonly top: number;
  readonly bottom: number;
  /** Title and body: the rows above the list, from the top of its frame. */
  readonly above: readonly string[];
  /** The footer: the rows below the list, down to the top of the next frame. */
  readonly below: readonly string[];
  /** Title, body, options and footer, compact. Block rules look for their anchors in it. */
  readonly text: string;
  /**
   * Title, body and options, compact and without pointer and tick: equal for two views of the same question.
   */
  readonly question: string;
};

const yesNoPrompt = /\by\/n\s*[:?]/iu;

/**
 * Finds the newest dialog: the lowest option list (at least two options), or the lowest `y/n:` prompt.
 * Ignores older dialogs that a program leaves above it (Claude Code 1.0.51 - 2.1.0 does).
 *
 *      Do you trust this folder?        <- title and body: up to the frame, box or list above
 *
 *      ❯ 1. Yes                         <- pointer, number, label
 *        2. No, and a label that
 *           wraps                       <- deeper indent, or the row above was full: the same option
 *
 *      Enter to confirm                 <- footer: down to where the next frame opens
 *
 * `composer`: the row of the program's composer, if it is drawn. A prompt of several rows in it or above it does not
 * count as a list.
 */
export const locateDialog = (
  rows: readonly string[],
  columns = 120,
  style: ListStyle = {},
  composer: number | null = null,
): Dialog | null => {
  const plain = rows.map(unboxed);
  const lists = readLists(plain, columns, style);
  const list = lists.findLast((list) => {
    const below = rows.slice(list.last + 1, bottomOf(rows, list.last) + 1);
    return composer === null || !isSentPrompt(rows, list, composer, below);
  });
  const prompt = plain.findLastIndex((row) => yesNoPrompt.test(row));
  if (prompt > (list?.last ?? -1)) return yesNoDialog(rows, plain, prompt);
  if (list === undefined) return null;

  const above = lists.findLast(({ last }) => last < list.first);
  const top = topOf(rows, list, Math.max(above?.last ?? -1, prompt));
  const bottom = bottomOf(rows, list.last);
  return {
    type: "list",
    options: list.options,
    pointed: list.pointed.length === 1 ? (list.pointed[0] ?? null) : null,
    top,
    bottom,
    above: rows.slice(top, list.first),
    below: rows.slice(list.last + 1, bottom + 1),
    text: compact(rows.slice(top, bottom + 1).join("\n")),
    question: compact(rows.slice(top, list.last + 1).join("\n")).replace(marks, ""),
  };
};

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
const isSentPrompt = (
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

/** The first row of the dialog: below the top of its frame, or else below the question above the list. */
const topOf = (rows: readonly string[], list: List, previousEnd: number): number => {
  const boxColumn = (rows[list.first] ?? "").search(/[│┃║]/u);
  for (let row = list.first - 1; row > previousEnd; row -= 1) {
    const text = rows[row] ?? "";
    const opens = boxColumn >= 0 ? /[╭┌┏╔]/u.test(text[boxColumn] ?? "") : isRule(text);
    if (opens) return row + 1;
  }
  return previousEnd + 1;
};

const bottomOf = (rows: readonly string[], last: number): number => {
  const next = rows.findIndex((text, row) => row > last && opensFrame(text));
  return next < 0 ? rows.length - 1 : next - 1;
};

const yesNoDialog = (rows: readonly string[], plain: readonly string[], prompt: number): Dialog => {
  const top = rows.findLastIndex((text, row) => row < prompt && isRule(text)) + 1;
  const answers = plain.flatMap((text, row) => {
    const label = row >= top && row < prompt ? /^\s*[a-z]\.\s+(\S.*)$/u.exec(text)?.[1] : undefined;
    return label === undefined ? [] : [{ label, row, lines: [label] }];
  });
  const text = compact(rows.slice(top).join("\n"));
  return {
    type: "yes-no",
    options: answers,
    pointed: null,
    top,
    bottom: rows.length - 1,
    above: rows.slice(top, prompt),
    below: rows.slice(prompt + 1),
    text,
    question: text,
  };
};

/**
 * Finds a question without a list to move in, by the lowest row that names its keys. Its rows may look like options,
 * but no pointer shows which one Enter would take.
 *
 *      > External agent config detected          Security notes:
 *        1. Proceed with selected                1. Claude can make mistakes
 *        2. Skip for now
 *      Use ↑/↓ to move, 1/2 to choose            Press Enter to continue…
 */
export const locateKeyQuestion = (rows: readonly string[]): Dialog | null => {
  const hint = lastKeyHint(rows.map(unboxed));
  if (hint < 0) return null;
  const top = rows.findLastIndex((text, row) => row < hint && isRule(text)) + 1;
  const bottom = bottomOf(rows, hint);
  const text = compact(rows.slice(top, bottom + 1).join("\n"));
  const above = rows.slice(top, hint);
  const below = rows.slice(hint, bottom + 1);
  return { type: "keys", options: [], pointed: null, top, bottom, above, below, text, question: text };
};
