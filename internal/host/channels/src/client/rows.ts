import { visible, visibleLines } from "@gatehouse/std";

/**
 * Begins each row of a text that the host did not write: of an agent, of a vendor, of another person. No line of the
 * host and no row of a card begins with it.
 */
export const foreignMark = "│ ";

/** Begins a row that goes on with the host's line above it. */
const goesOn = "    ↳ ";

/** Smallest width that is left to a text, cells. */
const leastWidth = 4;

/**
 * The cells that are left for the text of a row. The last column stays free, because some terminals wrap there at once.
 */
export const widthAfter = (mark: string, columns: number): number =>
  Math.max(leastWidth, columns - 1 - mark.length);

/** Most blank rows of a foreign text in a row: more would push a card out of sight. */
const mostBlank = 2;

/**
 * A row without a visible character, or with names of blanks only, which Markdown of other programs draws as blanks.
 * U+1D159, U+13441 and U+13442 are letters that are drawn blank.
 */
const blank =
  // eslint-disable-next-line no-control-regex -- the styles of a drawn text
  /^(?:\u001b\[[\d;]*m|&(?:\w*sp\d*|\w*Space|shy|zwn?j|[lr]rm|NoBreak|#\w+);|<br *\/?>|[\s\p{Z}\p{M}\u{1d159}\u{13441}\u{13442}│])*$/u;

/** Marks the rows of a foreign text, which are safe for a terminal and no wider than `widthAfter`. */
export const marked = (rows: readonly string[]): readonly string[] => {
  let blanks = 0;
  return rows.flatMap((row) => {
    blanks = blank.test(row) ? blanks + 1 : 0;
    return blanks > mostBlank ? [] : [`${foreignMark}${row}`];
  });
};

/** A foreign text as it was written, in marked rows. */
export const foreignRows = (text: string, columns: number): readonly string[] =>
  marked(
    visibleLines(text.replaceAll("\r\n", "\n").replaceAll("\t", "    "))
      .split("\n")
      .flatMap((line) => wrapRow(line, widthAfter(foreignMark, columns))),
  );

/**
 * Lines of the host in rows that no terminal wraps. What a line quotes can fill a row, so a row that goes on is marked:
 * it never looks like a line of its own.
 */
export const hostRows = (text: string, columns: number): readonly string[] =>
  text.split("\n").flatMap((line) => {
    const [first = "", ...rest] = wrapRow(
      visible(line),
      widthAfter("", columns),
      widthAfter(goesOn, columns),
    );
    return [first.startsWith(foreignMark) ? `\\${first}` : first, ...rest.map((row) => `${goesOn}${row}`)];
  });

/** A safe line in rows of at most `width` cells, the rows after the first of `later`. It breaks between words if it can. */
export const wrapRow = (line: string, width: number, later: number = width): readonly string[] => {
  const rows: string[] = [];
  let [row, cells] = ["", 0];
  for (const character of line) {
    const own = cellsOf(character);
    if (cells + own > (rows.length === 0 ? width : later)) {
      const space = character === " " ? -1 : row.lastIndexOf(" ");
      // Blanks at the beginning of a line are its indent.
      const at = row.slice(0, space + 1).trim() === "" ? row.length : space + 1;
      rows.push(row.slice(0, at).trimEnd());
      row = row.slice(at);
      cells = [...row].reduce((sum, one) => sum + cellsOf(one), 0);
      if (character === " ") continue;
    }
    row += character;
    cells += own;
  }
  return [...rows, row];
};

/** Letters and marks that take one cell. Anything else beyond ASCII counts as two, the most that one takes. */
const narrow =
  /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}\p{Script=Hebrew}\p{Script=Arabic}\p{M}\u00a0-\u00ff\u2010-\u205e\u2190-\u2193\u2500-\u257f]$/u;

const cellsOf = (character: string): number =>
  character <= "~" || (character < "\uff00" && narrow.test(character)) ? 1 : 2;
