/** The versions on which every scenario must hold: the borders of what Claude Code changed in its dialogs and its state. */
export const matrix: readonly string[] = ["2.1.113", "2.1.197", "2.1.247", "2.1.248", "2.1.328"];

/** What one run tests when no version is named. */
export const defaultVersion = "2.1.328";

/** Below zero if `a` is older than `b`. Both are plain `x.y.z`, which is all Claude Code has ever published. */
export const compareVersions = (a: string, b: string): number => {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  return [0, 1, 2].map((at) => (left[at] ?? 0) - (right[at] ?? 0)).find((step) => step !== 0) ?? 0;
};

/** Something that differs between versions, oldest first; the last row has no `upTo` and holds for all later ones. */
export type ByVersion<T> = readonly [...{ readonly upTo: string; readonly is: T }[], { readonly is: T }];

/** The row of the table that holds for this version. */
export const forVersion = <T>(table: ByVersion<T>, version: string): T => {
  const row = table.find((entry) => !("upTo" in entry) || compareVersions(version, entry.upTo) <= 0);
  if (row === undefined) throw new TypeError("the last row of a version table has no upTo");
  return row.is;
};
