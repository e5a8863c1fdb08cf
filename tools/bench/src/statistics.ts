export type Spread = { readonly median: number; readonly min: number; readonly max: number };

/** The middle value, or the mean of the two middle ones. Throws on an empty list. */
export const median = (values: readonly number[]): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const [low, high] = [sorted[(sorted.length - 1) >> 1], sorted[sorted.length >> 1]];
  if (low === undefined || high === undefined) throw new TypeError("no values, no median");
  return (low + high) / 2;
};

/** Null without values. */
export const spreadOf = (values: readonly number[]): Spread | null =>
  values.length === 0 ? null : { median: median(values), min: Math.min(...values), max: Math.max(...values) };

/** The value below which this part (0 to 1) of the values is: one of them. Throws on an empty list. */
export const quantileOf = (values: readonly number[], part: number): number => {
  const sorted = values.toSorted((a, b) => a - b);
  const value = sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
  if (value === undefined) throw new TypeError("no values, no quantile");
  return value;
};
