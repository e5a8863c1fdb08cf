/** The word that was probably meant: at most two letters away, and the nearest of those. */
export const nearest = (word: string, known: readonly string[]): string | null => {
  if (word.length > 40) return null;
  const ranked = known
    .map((candidate) => ({
      candidate,
      distance: distance(word.toLowerCase().replaceAll("-", "_"), candidate),
    }))
    .sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best !== undefined && best.distance <= 2 && best.distance < best.candidate.length
    ? best.candidate
    : null;
};

/** How many letters have to be put in, left out, changed or swapped with their neighbour (Damerau). */
const distance = (a: string, b: string): number => {
  const rows = [Array.from({ length: b.length + 1 }, (_, index) => index)];
  for (let i = 1; i <= a.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const changed = a[i - 1] === b[j - 1] ? 0 : 1;
      const swapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row[j] = Math.min(
        rows[i - 1]![j]! + 1,
        row[j - 1]! + 1,
        rows[i - 1]![j - 1]! + changed,
        swapped ? rows[i - 2]![j - 2]! + 1 : Infinity,
      );
    }
    rows.push(row);
  }
  return rows[a.length]![b.length]!;
};
