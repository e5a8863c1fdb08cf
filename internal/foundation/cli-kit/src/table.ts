import { visible } from "@gatehouse/std";
import type { Output } from "./io.ts";

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

/** A table of rows without lines below them. At a terminal it fits the width, as far as its numbers let it. */
export const renderRows = (
  heads: readonly string[],
  rows: readonly (readonly string[])[],
  numbersFrom: number = Infinity,
  { isTTY = false, columns = 80 }: Pick<Output, "isTTY" | "columns"> = {},
): string => {
  const [head = [], ...cells] = isTTY
    ? fittedCells([heads, ...rows], numbersFrom, columns || 80)
    : [heads, ...rows];
  return renderTable(
    head,
    cells.map((row) => ({ cells: row, below: [] })),
    numbersFrom,
  );
};

/** The rest of a generated id after its time, which is enough to find the row: `ag-019abc12-3456`. */
const restOfId = /(?<=\b[a-z]+-[0-9a-f]{8}-[0-9a-f]{4})-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/g;

/** Minimum width of a shortened column of text. */
const leastWidth = 10;

/** Shortens ids, and then the widest columns of text, until a line has at most `columns`. Numbers stay whole. */
const fittedCells = (
  rows: readonly (readonly string[])[],
  numbersFrom: number,
  columns: number,
): readonly (readonly string[])[] => {
  const shown = rows.map((cells) => cells.map((cell) => visible(cell).replaceAll(restOfId, "")));
  const widths = (shown[0] ?? []).map((_, at) => Math.max(...shown.map((cells) => cells[at]?.length ?? 0)));
  let over = widths.reduce((all, width) => all + width + 2, -2) - columns;
  for (; over > 0; over -= 1) {
    const widest = Math.max(...widths.slice(0, numbersFrom));
    if (widest <= leastWidth) break;
    widths[widths.indexOf(widest)] = widest - 1;
  }
  return shown.map((cells) =>
    cells.map((cell, at) =>
      cell.length <= (widths[at] ?? 0) ? cell : `${cell.slice(0, (widths[at] ?? 1) - 1)}…`,
    ),
  );
};
