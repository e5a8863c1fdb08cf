/** A safe line in rows of at most `width` cells, the rows after the first of `later`. It breaks between words if it can. */
export const wrapRow = (line: string, width: number, later: number = width): readonly string[] => {
  const rows: string[] = [];
  for (let rest = line; ;) {
    const end = endOfRow(rest, rows.length === 0 ? width : later);
    if (end === rest.length) return [...rows, rest];
    rows.push(rest.slice(0, end).trimEnd());
    rest = rest.slice(rest.startsWith(" ", end) ? end + 1 : end);
  }
};

/** Where the first row of a text ends. */
const endOfRow = (text: string, width: number): number => {
  let [at, cells] = [0, 0];
  for (const character of text) {
    cells += cellsOf(character);
    if (cells > width) {
      const start = character === " " ? 0 : text.lastIndexOf(" ", at) + 1;
      // Blanks at the beginning of a line are its indent.
      return text.slice(0, start).trim() === "" ? at : start;
    }
    at += character.length;
  }
  return at;
};

/** Letters and marks that take one cell. Anything else beyond ASCII counts as two, the most that one takes. */
const narrow =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{M}\u00a0-\u00ff\u2010-\u205e\u2190-\u2193\u2500-\u257f]$/u;

const cellsOf = (character: string): number =>
  character <= "~" || (character < "\uff00" && narrow.test(character)) ? 1 : 2;
