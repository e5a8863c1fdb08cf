import { edits, nearest } from "@gatehouse/std";

/** The key that was probably meant: it differs by at most two letters, and is not a different word. */
export const nearestKey = (word: string, known: readonly string[]): string | null => {
  const written = word.toLowerCase().replaceAll("-", "_");
  return nearest(known, (key) => {
    const found = edits(written, key);
    return found < key.length ? found : Infinity;
  });
};
