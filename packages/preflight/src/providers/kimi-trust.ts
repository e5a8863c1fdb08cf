/**
 * True if Kimi reads a file of this name: `wd_`, the folder's own name in plain letters, `_`, and twelve digits of its
 * path's hash. Kimi first writes `<name>.tmp.<pid>.<hex>`, which is complete before it is synced to disk. If Kimi is
 * ended at that point, it has recorded nothing and asks again (2.1.0).
 */
export const isKimiEntry = (name: string): boolean => /^wd_.+_[0-9a-f]{12}$/.test(name);

/** The trusted folder of one parsed record; null if it is not such a record. */
export const kimiRoot = (parsed: unknown): string | null => {
  if (typeof parsed !== "object" || parsed === null || !("root" in parsed)) return null;
  return typeof parsed.root === "string" ? parsed.root : null;
};
