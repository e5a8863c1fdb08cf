/** The folder that one parsed `wd_*` file says is trusted; null where it is no such file. */
export const kimiRoot = (parsed: unknown): string | null => {
  if (typeof parsed !== "object" || parsed === null || !("root" in parsed)) return null;
  return typeof parsed.root === "string" ? parsed.root : null;
};
