/** Negative if `a` is older than `b`. Both are plain `x.y.z`, as each provider's releases are. */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  return [0, 1, 2].map((at) => (left[at] ?? 0) - (right[at] ?? 0)).find((step) => step !== 0) ?? 0;
};

/**
 * A value that differs between versions, oldest first. The last row has no `upTo` and is valid for all later
 * versions.
 */
export type ByVersion<T> = readonly [...{ readonly upTo: string; readonly is: T }[], { readonly is: T }];

/** The row of the table for this version. */
export const forVersion = <T>(table: ByVersion<T>, version: string): T => {
  const row = table.find((entry) => !("upTo" in entry) || compareVersions(version, entry.upTo) <= 0);
  if (row === undefined) throw new TypeError("the last row of a version table has no upTo");
  return row.is;
};
