import type { IBuffer, IBufferCell, IBufferLine } from "@xterm/headless";

/**
 * The rows of a screen as a person sees them, trailing blank space removed. Concealed text (SGR 8), and text
 * in the colour of its own background, is blank. An invisible pointer does not count as a pointer.
 */
export const visibleRows = (buffer: IBuffer, rows: number): string[] => {
  const cell = buffer.getNullCell();
  return Array.from({ length: rows }, (_, row) => {
    const line = buffer.getLine(buffer.viewportY + row);
    return line === undefined ? "" : visibleText(line, cell);
  });
};

const visibleText = (line: IBufferLine, cell: IBufferCell): string => {
  const text = line.translateToString(true);
  if (text === "" || !hidesAnything(line, cell)) return text;
  const cells = Array.from({ length: line.length }, (_, at) => charactersOf(line.getCell(at, cell)));
  return cells.join("").trimEnd();
};

const hidesAnything = (line: IBufferLine, cell: IBufferCell): boolean => {
  for (let at = 0; at < line.length; at += 1) {
    const read = line.getCell(at, cell);
    if (read !== undefined && isHidden(read)) return true;
  }
  return false;
};

/** The second cell of a wide character has no width and no text. */
const charactersOf = (cell: IBufferCell | undefined): string => {
  if (cell === undefined || cell.getWidth() === 0) return "";
  const blank = " ".repeat(cell.getWidth());
  return isHidden(cell) ? blank : cell.getChars() || blank;
};

const isHidden = (cell: IBufferCell): boolean =>
  cell.isInvisible() !== 0 ||
  (!cell.isFgDefault() &&
    cell.getFgColorMode() === cell.getBgColorMode() &&
    cell.getFgColor() === cell.getBgColor());
