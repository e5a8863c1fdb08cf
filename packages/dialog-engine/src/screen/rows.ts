/** Characters of boxes and rules, as terminal programs draw them; for a character class. */
export const boxed = "│┃║▎▏▕─━═╌┄┈╍╭╮╰╯┌┐└┘┏┓┗┛╔╗╚╝";
const drawing = new RegExp(`[\\s${boxed}]+`, "gu");
const verticals = /[│┃║▎▏▕]/gu;
const ruleOnly = /^[\s─━═╌┄┈╍╭╮╰╯┌┐└┘┏┓┗┛╔╗╚╝├┤┬┴┼]+$/u;
const titledRule = /^\s*[─━═]{8,} \S.* [─━═]+\s*$/u;
const horizontal = /[─━═╌┄┈╍]{8,}/u;

/**
 * The row with vertical box lines blanked, so that a boxed dialog reads like an unboxed one, cell for cell.
 */
export const unboxed = (row: string): string => row.replace(verticals, " ").trimEnd();

/** True for a row with lines only: a horizontal rule, or the top or bottom of a box. */
export const isRule = (row: string): boolean => ruleOnly.test(row) && horizontal.test(row);

/** True for a horizontal rule with a title in it: Claude Code 2.1.28x writes a session's name there. */
export const isTitledRule = (row: string): boolean => titledRule.test(row);

/**
 * True for a row without text: blank, or the half blocks at the top and bottom of a composer's background.
 */
export const isPadding = (row: string): boolean => /^[\s▀▄]*$/u.test(row);

/**
 * True for a row where a new frame begins: the top of a box (it may carry a title), or a plain horizontal
 * rule, with or without a title.
 */
export const opensFrame = (row: string): boolean =>
  /[╭┌┏╔]/u.test(row) || isTitledRule(row) || (isRule(row) && !/[╰└┗╚]/u.test(row));

/**
 * Removes white space, box lines and case, so that wrapping, boxes and CSI column moves make no difference.
 */
export const compact = (text: string): string => text.replace(drawing, "").toLowerCase();

export const indentOf = (row: string): number => row.length - row.trimStart().length;

/** The rows down to the last one that is not empty. */
export const withoutBlankEnd = (rows: readonly string[]): string[] =>
  rows.slice(0, rows.findLastIndex((row) => row !== "") + 1);
