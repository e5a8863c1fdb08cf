import { edits, nearest } from "@gatehouse/std";

/** The key that was probably meant: at most two letters away, and not another word altogether. */
export const nearestKey = (word: string, known: readonly string[]): string | null => {
  const written = word.toLowerCase().replaceAll("-", "_");
  return nearest(known, (key) => {
    const found = edits(written, key);
    return found < key.length ? found : Infinity;
  });
};
