/** A table with a head. The first `texts` columns are aligned left, and the numbers after them right. */
export const tableText = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  texts: number,
): string => {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => (row[column] ?? "").length)),
  );
  const padded = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        column < texts ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
      )
      .join("  ")
      .trimEnd();
  return [head, ...rows].map((row) => `${padded(row)}\n`).join("");
};
