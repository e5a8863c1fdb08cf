import { visible, visibleLines, wrapRow } from "@gatehouse/std";

/**
 * Begins each row of a text that the host did not write: of an agent, of a vendor, of another person. No line of the
 * host and no row of a card begins with it.
 */
export const foreignMark = "│ ";

/** Begins each row of a text that the person at the terminal wrote. A quote on a card is indented. */
const ownMark = "> ";

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

/** Marks the rows of a text, which are safe for a terminal and no wider than `widthAfter`. */
export const marked = (rows: readonly string[], mark: string = foreignMark): readonly string[] => {
  let blanks = 0;
  return rows.flatMap((row) => {
    blanks = blank.test(row) ? blanks + 1 : 0;
    return blanks > mostBlank ? [] : [`${mark}${row}`];
  });
};

/** A foreign text as it was written, in marked rows. */
export const foreignRows = (text: string, columns: number): readonly string[] =>
  writtenRows(text, columns, foreignMark);

/** A person's own text, in marked rows: what they pasted may look like a line of the host. */
export const ownRows = (text: string, columns: number): readonly string[] =>
  writtenRows(text, columns, ownMark);

const writtenRows = (text: string, columns: number, mark: string): readonly string[] =>
  marked(
    visibleLines(text.replaceAll("\r\n", "\n").replaceAll("\t", "    "))
      .split("\n")
      .flatMap((line) => wrapRow(line, widthAfter(mark, columns))),
    mark,
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
