import { visible } from "@gatehouse/std";

/** One row of a table, and the lines below it. */
export type Row = { readonly cells: readonly string[]; readonly below: readonly string[] };

/** Cells padded to the width of their column, except the last one of a row. Control characters are escaped. */
export const padCells = (rows: readonly (readonly string[])[]): readonly (readonly string[])[] => {
  const shown = rows.map((cells) => cells.map(visible));
  const widthOf = (at: number): number => Math.max(...shown.map((cells) => cells[at]?.length ?? 0));
  const widths = (shown[0] ?? []).map((_, at) => widthOf(at));
  return shown.map((cells) =>
    cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))),
  );
};

/** A table with a line of heads. The lines below a row are indented. */
export const renderTable = (heads: readonly string[], rows: readonly Row[]): string => {
  const lines = padCells([heads, ...rows.map(({ cells }) => cells)]).map((cells) => cells.join("  "));
  const below = [[], ...rows.map((row) => row.below)];
  return lines
    .map((line, at) => [line, ...(below[at] ?? []).map((text) => `  ${text}`)].join("\n") + "\n")
    .join("");
};
