/** The first line end of a text, or `\n` if it has none. */
export const lineEndOf = (text: string): string => /\r?\n/.exec(text)?.[0] ?? "\n";

/** Characters between the beginning of the line and this offset. */
export const columnOf = (text: string, offset: number): number => offset - startOfLine(text, offset);

export const startOfLine = (text: string, offset: number): number =>
  offset === 0 ? 0 : text.lastIndexOf("\n", offset - 1) + 1;

/**
 * The beginning of the next line, or the end of the text. An offset before a line's first character counts as
 * that line's beginning: yaml 2.9.1 ends a block that has a comment after the indentation of the next block
 * (a list in a mapping, as deep as its key).
 */
const nextLine = (text: string, offset: number): number => {
  const start = startOfLine(text, offset);
  if (text.slice(start, offset).trim() === "") return start;
  const end = /\r?\n/g;
  end.lastIndex = offset;
  return end.exec(text) === null ? text.length : end.lastIndex;
};

/**
 * The end of the lines of a block that ends at `offset`. Comments deeper than `column` belong to the block.
 */
export const endOfOwnLines = (text: string, offset: number, column: number): number => {
  const start = nextLine(text, offset);
  const comments = /(?:[ \t]*(?:\r?\n))*([ ]*)#[^\r\n]*(?:\r?\n|$)/y;
  let end = start;
  for (comments.lastIndex = start; ;) {
    const found = comments.exec(text);
    if (found === null || found[1]!.length <= column) return end;
    end = comments.lastIndex;
  }
};

/**
 * Puts lines (without a final newline) below the line of `offset`. A text without a final newline still has
 * none afterwards.
 */
export const behindLine = (text: string, offset: number, lines: string): { at: number; text: string } => {
  const at = nextLine(text, offset);
  const lineEnd = lineEndOf(text);
  const isOpen = at > 0 && text[at - 1] !== "\n";
  if (isOpen) return { at, text: lineEnd + lines };
  return { at, text: lines + lineEnd };
};
