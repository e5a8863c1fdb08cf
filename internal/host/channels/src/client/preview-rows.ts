import { visibleLines } from "@gatehouse/std";

/** The room for a text that is still being written, in cells and rows. */
export type PreviewRoom = { readonly columns: number; readonly rows: number };

/**
 * The end of a text in rows that no terminal wraps: a character beyond ASCII counts as two cells, the most that one
 * takes, because a row that wraps could not be removed again.
 */
export const previewRows = (text: string, { columns, rows }: PreviewRoom): readonly string[] => {
  if (text === "") return [];
  const all = visibleLines(text)
    .split("\n")
    .flatMap((line) => wrapped(line, columns));
  return all.slice(-rows);
};

const wrapped = (line: string, columns: number): readonly string[] => {
  const found = [""];
  let cells = 0;
  for (const character of line) {
    const width = character <= "~" ? 1 : 2;
    if (cells + width > columns) {
      found.push("");
      cells = 0;
    }
    cells += width;
    found.push((found.pop() ?? "") + character);
  }
  return found;
};
