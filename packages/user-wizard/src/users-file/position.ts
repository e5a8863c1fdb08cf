/** A position in a text: lines and columns (UTF-16 units) from 1. */
export type Position = { readonly line: number; readonly column: number };

/** Turns offsets of one text into positions. The lines are counted only at the first call. */
export const positionsIn = (text: string): ((offset: number) => Position) => {
  let starts: number[] | null = null;
  return (offset) => {
    starts ??= lineStarts(text);
    let [low, high] = [0, starts.length - 1];
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if (starts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return { line: low + 1, column: offset - starts[low]! + 1 };
  };
};

const lineStarts = (text: string): number[] => [
  0,
  ...Array.from(text.matchAll(/\n/g), (end) => end.index + end[0].length),
];
