import { visible } from "@gatehouse/std";

/** One row of a table, and the lines below it. */
export type Row = { readonly cells: readonly string[]; readonly below: readonly string[] };

/**
 * Cells padded to the width of their column, the last one only if it holds numbers. Columns from `numbersFrom` on
 * hold numbers and are aligned right. Control characters are escaped.
 */
export const padCells = (
  rows: readonly (readonly string[])[],
  numbersFrom: number = Infinity,
): readonly (readonly string[])[] => {
  const shown = rows.map((cells) => cells.map(visible));
  const widthOf = (at: number): number => Math.max(...shown.map((cells) => cells[at]?.length ?? 0));
  const widths = (shown[0] ?? []).map((_, at) => widthOf(at));
  return shown.map((cells) =>
    cells.map((cell, at) => {
      if (at >= numbersFrom) return cell.padStart(widths[at] ?? 0);
      return at === cells.length - 1 ? cell : cell.padEnd(widths[at] ?? 0);
    }),
  );
};

/** A table with a line of heads. The lines below a row are indented. */
export const renderTable = (
  heads: readonly string[],
  rows: readonly Row[],
  numbersFrom: number = Infinity,
): string => {
  const padded = padCells([heads, ...rows.map(({ cells }) => cells)], numbersFrom);
  const below = [[], ...rows.map((row) => row.below)];
  return padded
    .map((cells, at) => [cells.join("  "), ...(below[at] ?? []).map((text) => `  ${text}`)])
    .map((lines) => lines.map((line) => `${line.trimEnd()}\n`).join(""))
    .join("");
};

/** A table of rows without lines below them. */
export const renderRows = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  numbersFrom: number = Infinity,
): string =>
  renderTable(
    heads,
    rows.map((cells) => ({ cells, below: [] })),
    numbersFrom,
  );
