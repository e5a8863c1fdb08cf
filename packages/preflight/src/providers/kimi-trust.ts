/**
 * Whether Kimi reads a file of this name: `wd_`, the folder's own name in plain letters, `_`, and twelve digits of its
 * path's hash. What it writes is `<name>.tmp.<pid>.<hex>` first, and that stands there whole until the disk has it: a
 * Kimi that is ended then has recorded nothing, and asks again (2.1.0).
 */
export const isKimiEntry = (name: string): boolean => /^wd_.+_[0-9a-f]{12}$/.test(name);

/** The folder that one parsed record says is trusted; null where it is no such file. */
export const kimiRoot = (parsed: unknown): string | null => {
  if (typeof parsed !== "object" || parsed === null || !("root" in parsed)) return null;
  return typeof parsed.root === "string" ? parsed.root : null;
};
