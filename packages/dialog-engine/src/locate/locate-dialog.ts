import { compact, indentOf, isRule, opensFrame, unboxed } from "../screen/rows.ts";

export type Option = {
  /** As a person reads it: wrapped rows joined, without pointer, number and the tick of a chosen option. */
  readonly label: string;
  readonly row: number;
  /** The label as it is drawn, one string per row. White space may be lost where it wraps. */
  readonly lines: readonly string[];
};

/** A question on the screen, at any place and in any style. Rows count from 0. */
export type Dialog = {
  readonly type: "list" | "yes-no";
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
  /** Title, body and options, compact and without pointer and tick: equal for two views of the same question. */
  readonly question: string;
};

/** How a program draws its lists. */
export type ListStyle = {
  /** The pointer glyphs, for a program that uses other glyphs as bullets in its text. Default: all known pointers. */
  readonly pointers?: string;
  /** A blank row separates one option (with its description below the label) from the next. */
  readonly areOptionsApart?: true;
};

const allPointers = "❯›>●→▸▶➤»";
const pointerRowOf = (glyphs: string): RegExp => new RegExp(`^(\\s*)([${glyphs}])(\\s+)(\\S.*)$`, "u");
const numbered = /^(\d{1,2})[.)]\s+/u;
const tick = /\s*[✔✓]\s*$/u;
const marks = new RegExp(`[${allPointers}✔✓]`, "gu");
const yesNoPrompt = /\by\/n\s*[:?]/iu;

/**
 * Finds the newest dialog: the lowest option list (at least two options), or the lowest `y/n:` prompt. Ignores older
 * dialogs that a program leaves above it (Claude Code 1.0.51 - 2.1.0 does).
 *
 *      Do you trust this folder?        <- title and body: up to the frame, box or list above
 *
 *      ❯ 1. Yes                         <- pointer, number, label
 *        2. No, and a label that
 *           wraps                       <- deeper indent, or the row above was full: the same option
 *
 *      Enter to confirm                 <- footer: down to where the next frame opens
 */
export const locateDialog = (
  rows: readonly string[],
  columns = 120,
  { pointers = allPointers, areOptionsApart }: ListStyle = {},
): Dialog | null => {
  const plain = rows.map(unboxed);
  const pointerRow = pointerRowOf(pointers);
  const style = { columns, pointerRow, areOptionsApart: areOptionsApart === true };
  const lists = plain.flatMap((_, row) => readList(plain, row, style) ?? []);
  const list = lists.at(-1);
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

type List = {
  readonly first: number;
  readonly last: number;
  readonly options: readonly Option[];
  readonly pointed: readonly number[];
};

type Style = {
  readonly columns: number;
  readonly pointerRow: RegExp;
  readonly areOptionsApart: boolean;
};

/** The list whose pointer is on this row; null if this row has no pointer, or the list has fewer than two options. */
const readList = (plain: readonly string[], row: number, style: Style): List | null => {
  const pointed = style.pointerRow.exec(plain[row] ?? "");
  if (pointed === null) return null;
  const [, before = "", glyph = "", gap = "", label = ""] = pointed;
  if (before.length >= style.columns / 2) return null; // a status line at the right edge draws bullets too
  const shape = {
    column: before.length + glyph.length + gap.length,
    isNumbered: numbered.test(label),
    ...style,
  };

  return listFrom(plain, firstOption(plain, row, shape), shape);
};

/** The row of the list's first option, found upwards from one of its rows. */
const firstOption = (plain: readonly string[], row: number, shape: ListShape): number => {
  let first = row;
  for (let up = row - 1; up >= 0 && kindOf(plain, up, shape) !== "other"; up -= 1) {
    if (kindOf(plain, up, shape) === "option") first = up;
  }
  return first;
};

/** The list that begins in this row; null if it has fewer than two options. */
const listFrom = (plain: readonly string[], first: number, shape: ListShape): List | null => {
  const options: Option[] = [];
  const pointed: number[] = [];
  let last = first;
  for (let at = first; at < plain.length; at += 1) {
    const kind = kindOf(plain, at, shape);
    if (kind === "other") break;
    const text = (plain[at] ?? "").slice(shape.column);
    const open = options.at(-1);
    if (kind === "option") {
      if (hasPointer(plain[at] ?? "", shape)) pointed.push(options.length);
      const label = text.replace(numbered, "").replace(tick, "").trim();
      options.push({ label, row: at, lines: [label] });
    } else if (kind === "continued" && open) {
      options[options.length - 1] = continuedBy(open, text.trim().replace(tick, ""));
    }
    last = at;
  }
  return options.length < 2 ? null : { first, last, options, pointed };
};

const continuedBy = ({ label, row, lines }: Option, text: string): Option => ({
  label: `${label} ${text}`.trimEnd(),
  row,
  lines: [...lines, text],
});

type ListShape = Style & { readonly column: number; readonly isNumbered: boolean };

/** The kind of a row, for a list whose labels (or numbers) start in the given column. */
const kindOf = (
  plain: readonly string[],
  row: number,
  shape: ListShape,
): "option" | "continued" | "gap" | "other" => {
  const text = plain[row] ?? "";
  if (text.trim() === "") return isGap(plain, row, shape) ? "gap" : "other";
  if (isRule(text)) return "other";
  const starts = startOf(text, shape);
  if (starts > shape.column) return "continued";
  if (starts < shape.column) return "other";
  if (shape.isNumbered) return numbered.test(text.slice(shape.column)) ? "option" : "other";
  return hasPointer(text, shape) || !wrapsInto(plain[row - 1] ?? "", text, shape) ? "option" : "continued";
};

const isGap = (plain: readonly string[], row: number, shape: ListShape): boolean =>
  shape.areOptionsApart &&
  [row - 1, row + 1].every(
    (at) => startOf(plain[at] ?? "", shape) === shape.column && !isRule(plain[at] ?? ""),
  );

const startOf = (text: string, shape: ListShape): number =>
  hasPointer(text, shape) ? shape.column : indentOf(text);

const hasPointer = (row: string, { column, pointerRow }: ListShape): boolean => {
  const [, before = "", glyph = "", gap = ""] = pointerRow.exec(row) ?? [];
  return glyph !== "" && before.length + glyph.length + gap.length === column;
};

/** An unnumbered label wraps to its own column: the row above was full when its next word did not fit. */
const wrapsInto = (above: string, text: string, shape: ListShape): boolean => {
  const isLabel = above.trim() !== "" && (indentOf(above) === shape.column || hasPointer(above, shape));
  const word = text.trim().split(/\s/u)[0] ?? "";
  return isLabel && above.length + 1 + word.length > shape.columns - 4;
};

/** The first row of the dialog: below the top of its frame, else below the question above the list. */
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
