import { indentOf, isRule } from "../screen/rows.ts";

export type Option = {
  /** The text that a person reads: wrapped rows joined, without pointer, number and tick. */
  readonly label: string;
  readonly row: number;
  /** The label as it is drawn, one string per row. White space may be lost where it wraps. */
  readonly lines: readonly string[];
};

/** How a program draws its lists. */
export type ListStyle = {
  /**
   * The pointer glyphs, for a program that uses other glyphs as bullets in its text. Default: all known
   * pointers.
   */
  readonly pointers?: string;
  /** Pointer glyphs that are also bullets in the program's text. They point only in front of a number. */
  readonly bullets?: string;
  /** A blank row separates one option (with its description below the label) from the next. */
  readonly areOptionsApart?: true;
};

const allPointers = "❯›>●→▸▶➤»";
const pointerRowOf = ({ pointers = allPointers, bullets }: ListStyle): RegExp => {
  const label = bullets ? `(?<![${bullets}]\\s+)\\S.*|\\d{1,2}[.)]\\s.*` : "\\S.*";
  return new RegExp(`^(\\s*)([${pointers}])(\\s+)(${label})$`, "u");
};
/** Claude Code 2.1.28x leaves no space behind the digit in a terminal of 28 columns. */
const numbered = /^(\d{1,2})[.)](?:\s+|(?=\p{L}))/u;
const box = /^\s*\[[ xX✔✓]\]\s/u;
const tick = /\s*[✔✓]\s*$/u;
/** Claude Code ties a command's or tool's outcome to the row above it with this glyph. */
const outcome = /^\s*⎿/u;
/** Pointers and ticks, which differ between two views of the same question. */
export const marks: RegExp = new RegExp(`[${allPointers}✔✓]`, "gu");

export type List = {
  readonly first: number;
  readonly last: number;
  readonly options: readonly Option[];
  readonly pointed: readonly number[];
  readonly isNumbered: boolean;
};

type Style = {
  readonly columns: number;
  readonly pointerRow: RegExp;
  readonly areOptionsApart: boolean;
};

/** Every list that one of these rows points into, from the top. `plain`: the rows without their boxes. */
export const readLists = (plain: readonly string[], columns: number, style: ListStyle): readonly List[] => {
  const shape = { columns, pointerRow: pointerRowOf(style), areOptionsApart: style.areOptionsApart === true };
  return plain.flatMap((_, row) => readList(plain, row, shape) ?? []);
};

/**
 * The list whose pointer is on this row; null if this row has no pointer, or the list has fewer than two
 * options.
 */
const readList = (plain: readonly string[], row: number, style: Style): List | null => {
  const pointed = style.pointerRow.exec(plain[row] ?? "");
  if (pointed === null) return null;
  const [, before = "", glyph = "", gap = "", label = ""] = pointed;
  if (before.length >= style.columns / 2) return null; // a status line at the right edge draws bullets too
  const column = before.length + glyph.length + gap.length;
  const boxes = boxColumn(plain, row, style);
  const hasBoxes = boxes > before.length && boxes <= column;
  const isNumbered = !hasBoxes && numbered.test(label);
  const shape = { column: hasBoxes ? boxes : column, isNumbered, hasBoxes, ...style };
  return listFrom(plain, firstOption(plain, row, shape), shape);
};

/** The column of a check box in this row or one beside it; -1 if there is none. */
const boxColumn = (plain: readonly string[], row: number, style: Style): number => {
  const texts = [row, row - 1, row + 1].map((at) => withoutPointer(plain[at] ?? "", style));
  return texts.find((text) => box.test(text))?.search(/\S/u) ?? -1;
};

const withoutPointer = (text: string, { pointerRow }: Style): string =>
  text.replace(pointerRow, (_, before: string, glyph: string, gap: string, label: string) =>
    [before, " ".repeat(glyph.length), gap, label].join(""),
  );

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
    const text = withoutPointer(plain[at] ?? "", shape).slice(shape.column);
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
  return options.length < 2 ? null : { first, last, options, pointed, isNumbered: shape.isNumbered };
};

const continuedBy = ({ label, row, lines }: Option, text: string): Option => ({
  label: `${label} ${text}`.trimEnd(),
  row,
  lines: [...lines, text],
});

type ListShape = Style & {
  readonly column: number;
  readonly isNumbered: boolean;
  /** The rows have check boxes, except the row that confirms them. */
  readonly hasBoxes: boolean;
};

/** The kind of a row, for a list whose labels (or numbers) start in the given column. */
const kindOf = (
  plain: readonly string[],
  row: number,
  shape: ListShape,
): "option" | "continued" | "gap" | "other" => {
  const text = plain[row] ?? "";
  if (text.trim() === "") return isGap(plain, row, shape) ? "gap" : "other";
  if (isRule(text) || outcome.test(text)) return "other";
  const starts = startOf(text, shape);
  if (shape.hasBoxes) return starts >= shape.column && boxColumn(plain, row, shape) >= 0 ? "option" : "other";
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
  hasPointer(text, shape) ? indentOf(withoutPointer(text, shape)) : indentOf(text);

/** The row that confirms the check boxes is further right than they are, but its pointer is in their column. */
const hasPointer = (row: string, { column, pointerRow, hasBoxes }: ListShape): boolean => {
  const [, before = "", glyph = "", gap = ""] = pointerRow.exec(row) ?? [];
  const label = before.length + glyph.length + gap.length;
  return glyph !== "" && (label === column || (hasBoxes && label > column));
};

/** An unnumbered label wraps to its own column: the row above was full when its next word did not fit. */
const wrapsInto = (above: string, text: string, shape: ListShape): boolean => {
  const isLabel = above.trim() !== "" && (indentOf(above) === shape.column || hasPointer(above, shape));
  const word = text.trim().split(/\s/u)[0] ?? "";
  return isLabel && above.length + 1 + word.length > shape.columns - 4;
};
