import type { Tokens } from "marked";
import stringWidth from "string-width";
import { drawInline, style, wrapped } from "./draw-inline.ts";

/** Narrowest column of a table that is drawn in columns, cells. */
const narrowest = 8;

const gap = "  ";

/**
 * Draws a table in columns. In a terminal that is too narrow, the widest columns are wrapped; if even that is not
 * enough, each row is a list of its cells with their headers.
 */
export const drawTable = ({ header, rows }: Tokens.Table, width: number): readonly string[] => {
  const heads = header.map(({ tokens }) => drawInline(tokens));
  const body = rows.map((row) => row.map(({ tokens }) => drawInline(tokens)));
  const natural = heads.map((head, at) =>
    Math.max(...[head, ...body.map((row) => row[at] ?? "")].map((cell) => stringWidth(cell))),
  );
  const widths = fitted(natural, width - gap.length * (heads.length - 1));
  if (widths === null) return drawList(heads, body, width);
  const aligns = header.map(({ align }) => align);
  return [
    ...drawRow(heads, widths, aligns).map((row) => style.bold(row)),
    style.dim(widths.map((cells) => "─".repeat(cells)).join(gap)),
    ...body.flatMap((row) => drawRow(row, widths, aligns)),
  ];
};

/** Widths with at most this sum, taken from the widest columns first; null if a column would be too narrow. */
const fitted = (natural: readonly number[], room: number): readonly number[] | null => {
  const widths = [...natural];
  for (let over = sum(widths) - room; over > 0;) {
    const widest = Math.max(...widths);
    const next = Math.max(narrowest, ...widths.filter((width) => width < widest));
    const at = widths.indexOf(widest);
    if (widest <= narrowest) return null;
    const less = Math.min(over, Math.max(1, widest - next));
    widths[at] = widest - less;
    over -= less;
  }
  return widths;
};

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

type Align = "center" | "left" | "right" | null;

const drawRow = (
  cells: readonly string[],
  widths: readonly number[],
  aligns: readonly Align[],
): readonly string[] => {
  const columns = widths.map((width, at) => wrapped(cells[at] ?? "", Math.max(1, width)));
  const height = Math.max(...columns.map(({ length }) => length));
  return Array.from({ length: height }, (_, row) =>
    columns
      .map((lines, at) => padded(lines[row] ?? "", widths[at] ?? 0, aligns[at] ?? null))
      .join(gap)
      .trimEnd(),
  );
};

const padded = (text: string, width: number, align: Align): string => {
  const free = Math.max(0, width - stringWidth(text));
  const before = align === "right" ? free : align === "center" ? Math.floor(free / 2) : 0;
  return `${" ".repeat(before)}${text}${" ".repeat(free - before)}`;
};

const drawList = (
  heads: readonly string[],
  body: readonly (readonly string[])[],
  width: number,
): readonly string[] =>
  body.flatMap((row, at) => [
    ...(at === 0 ? [] : [""]),
    ...row.flatMap((cell, column) => wrapped(`${style.bold(heads[column] ?? "")}: ${cell}`, width)),
  ]);
