/** The number of terminal cells that one line of text needs. */
export type Width = (text: string) => number;

/** Printable ASCII and the ellipsis of a shortened text: each character is one cell wide. */
const plain = /^[\x20-\x7e…]*$/;

/**
 * Renders with one cell for each character. If the text has other characters, renders again with
 * `string-width`, which takes 40 ms to load (Node 20.20): half of the program's start time.
 */
export const withWidth = async (render: (width: Width) => string): Promise<string> => {
  let isPlain = true;
  const text = render((part) => {
    isPlain &&= plain.test(part);
    return part.length;
  });
  return isPlain ? text : render((await import("string-width")).default);
};

/** The beginning of a text that fits into this many cells, with `…` if something was cut off. */
export const fitted = (text: string, cells: number, width: Width): string => {
  if (width(text) <= cells) return text;
  let [kept, left] = ["", cells - 1];
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    left -= width(segment);
    if (left < 0) break;
    kept += segment;
  }
  return `${kept}…`;
};
