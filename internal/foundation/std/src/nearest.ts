import { distance } from "fastest-levenshtein";

const mostEdits = 2;

const letters = (text: string): string => [...text].sort().join("");

/**
 * The number of letters to add, remove or change; a swap counts as one. Infinity if the lengths differ by
 * more than two.
 */
export const edits = (from: string, to: string): number => {
  if (Math.abs(from.length - to.length) > mostEdits) return Infinity;
  const found = distance(from, to);
  return found === 2 && letters(from) === letters(to) ? 1 : found;
};

/** The nearest candidate within two edits, and of equally near ones the first; null if none is that near. */
export const nearest = <T>(candidates: readonly T[], editsTo: (candidate: T) => number): T | null => {
  let best: T | null = null;
  let least = mostEdits + 1;
  for (const candidate of candidates) {
    const found = editsTo(candidate);
    if (found >= least) continue;
    least = found;
    best = candidate;
  }
  return best;
};
