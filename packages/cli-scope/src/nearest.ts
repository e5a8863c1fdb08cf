const mostEdits = 2;

/** Letters to add, drop or change to get from one text to the other; Infinity where the lengths alone say that it is too many. */
export const edits = (from: string, to: string): number => {
  if (Math.abs(from.length - to.length) > mostEdits) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let line = 1; line <= from.length; line += 1) {
    const next = [line];
    for (let column = 1; column <= to.length; column += 1) {
      const change = (row[column - 1] ?? 0) + (from[line - 1] === to[column - 1] ? 0 : 1);
      next.push(Math.min(change, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
};

/** The one that was probably meant: at most two edits away, the nearest, of equals the first. */
export const nearest = <T>(candidates: readonly T[], distance: (candidate: T) => number): T | null => {
  let best: T | null = null;
  let least = mostEdits + 1;
  for (const candidate of candidates) {
    const found = distance(candidate);
    if (found >= least) continue;
    least = found;
    best = candidate;
  }
  return best;
};
