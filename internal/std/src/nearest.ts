import { distance } from "fastest-levenshtein";

const mostEdits = 2;

/** Letters to add, drop or change to get from one text to the other; Infinity where the lengths alone say more than two. */
export const edits = (from: string, to: string): number =>
  Math.abs(from.length - to.length) > mostEdits ? Infinity : distance(from, to);

/** The candidate that was probably meant: at most two edits away, the nearest, of equals the first. */
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
