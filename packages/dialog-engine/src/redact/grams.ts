/** Called for each place found: from an index up to but not including another. */
export type Mark = (from: number, to: number) => void;

/** Pieces to find in texts, in one pass for each length. */
export type Grams = { readonly find: (text: string, mark: Mark) => void };

/** Pieces that count only before "…" or after it. */
export type Cuts = { readonly before: readonly string[]; readonly after: readonly string[] };

export const createGrams = (pieces: readonly string[], cuts: Cuts): Grams => {
  const bySize = new Map<number, Set<string>>();
  for (const piece of pieces)
    bySize.set(piece.length, (bySize.get(piece.length) ?? new Set<string>()).add(piece));
  const passes = [...bySize].filter(([size]) => size > 0).map(([size, all]) => pass(size, all));
  const beside = besideEllipsis(cuts);
  return {
    find: (text, mark) => {
      for (const find of passes) find(text, mark);
      beside(text, mark);
    },
  };
};

type Find = Grams["find"];

/** Most places are rejected by their first two characters alone. */
const pass = (size: number, pieces: ReadonlySet<string>): Find => {
  const begins = new Uint8Array(65_536);
  for (const piece of pieces) begins[beginOf(piece, 0, size)] = 1;
  return (text, mark) => {
    let done = 0;
    for (let at = 0; at + size <= text.length; at += 1) {
      if (begins[beginOf(text, at, size)] === 0 || !pieces.has(text.slice(at, at + size))) continue;
      mark(Math.max(at, done), at + size);
      done = at + size;
    }
  };
};

const beginOf = (text: string, at: number, size: number): number =>
  (text.charCodeAt(at) * 31 + (size > 1 ? text.charCodeAt(at + 1) : 0)) & 0xffff;

const besideEllipsis = ({ before, after }: Cuts): Find => {
  const [starts, ends] = [new Set(before), new Set(after)];
  const sizes = [...new Set([...starts, ...ends].map(({ length }) => length))].toSorted((a, b) => b - a);
  return (text, mark) => {
    if (sizes.length === 0) return;
    for (const { 0: dots, index: from } of text.matchAll(/…|\.{3}/gu)) {
      const to = from + dots.length;
      const start = sizes.find((size) => size <= from && starts.has(text.slice(from - size, from)));
      const end = sizes.find((size) => ends.has(text.slice(to, to + size)));
      if (start !== undefined) mark(from - start, from);
      if (end !== undefined) mark(to, to + end);
    }
  };
};
