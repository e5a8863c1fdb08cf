import { visible } from "@gatehouse/std";

/** One row of a table, and the lines below it. */
export type Row = { readonly cells: readonly string[]; readonly below: readonly string[] };

/** Columns as wide as their widest cell; the last one is not padded. Control characters are escaped. */
export const renderTable = (heads: readonly string[], rows: readonly Row[]): string => {
  const shown = rows.map(({ cells, below }) => ({ cells: cells.map(visible), below }));
  const widths = heads.map((head, at) =>
    Math.max(head.length, ...shown.map(({ cells }) => cells[at]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells.map((cell, at) => (at === cells.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join("  ");
  const lines = shown.flatMap(({ cells, below }) => [line(cells), ...below.map((text) => `  ${text}`)]);
  return [line(heads), ...lines].map((text) => `${text}\n`).join("");
};
