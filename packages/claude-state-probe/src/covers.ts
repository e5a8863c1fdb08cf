import { keyOf, type Platform } from "./keys.ts";

/**
 * The form in which two spellings of one folder are equal. Windows ignores letter case, and so do nearly all
 * file systems of macOS; they keep the case that a name was made with.
 */
const folded = (path: string, platform: Platform): string => {
  const key = keyOf(path, platform);
  return platform === "linux" ? key : key.normalize("NFC").toLowerCase();
};

/**
 * True if a folder is `above` or lies below it. Both are absolute, spelled in any way that the platform reads.
 * It ignores letter case where file systems usually do, so a guard that refuses on `true` is never too narrow.
 */
export const isAtOrBelow = (folder: string, above: string, platform: Platform): boolean => {
  const [below, top] = [folded(folder, platform), folded(above, platform)];
  return below === top || below.startsWith(top.endsWith("/") ? top : `${top}/`);
};

/** True for `/`, the root of a drive, and the root of a share. */
export const isRootPath = (path: string, platform: Platform): boolean => {
  const key = keyOf(path, platform);
  return platform === "win32" ? /^(?:\/|[a-z]:\/|\/\/[^/]+\/[^/]+\/)$/i.test(key) : key === "/";
};
