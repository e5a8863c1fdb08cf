/**
 * What a terminal draws two cells wide: East Asian Width "W" and "F" (Unicode 15, UAX #11) by block, and emoji. A character
 * with U+FE0F is drawn as an emoji.
 */
const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\u33ff\u3400-\u4dbf\u4e00-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{16fe0}-\u{18cff}\u{1b000}-\u{1b2ff}\u{20000}-\u{3fffd}]|\ufe0f|\p{Emoji_Presentation}/u;

/** Marks on the character before, and characters that are not drawn. */
const without = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;

const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);

const graphemes = (text: string): readonly string[] =>
  [...new Intl.Segmenter().segment(text)].map(({ segment }) => segment);

const cellsOf = (grapheme: string): number => (wide.test(grapheme) ? 2 : without.test(grapheme) ? 0 : 1);

/** How many cells a terminal needs for one line of text. */
export const displayWidth = (text: string): number =>
  isPlain(text) ? text.length : graphemes(text).reduce((sum, each) => sum + cellsOf(each), 0);

/** The beginning of a text that fits into so many cells, with `…` where something is missing. */
export const fitted = (text: string, cells: number): string => {
  if (displayWidth(text) <= cells) return text;
  let [kept, left] = ["", cells - 1];
  for (const each of graphemes(text)) {
    left -= cellsOf(each);
    if (left < 0) break;
    kept += each;
  }
  return `${kept}…`;
};
