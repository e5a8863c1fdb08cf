/** Decides how Claude Code spells a path as a key. `linux` also means every other Unix. */
export type Platform = "darwin" | "linux" | "win32";

/** The part of a path that `..` cannot leave: `/`, `C:/`, or `//server/share/`. */
const rootOf = (path: string, platform: Platform): string => {
  if (platform === "win32") {
    const found = /^(?:[a-z]:\/?|\/\/[^/]+\/[^/]+\/?)/i.exec(path);
    if (found) return found[0].endsWith("/") ? found[0] : `${found[0]}/`;
  }
  return path.startsWith("/") ? "/" : "";
};

/** `\\?\C:\work` and `\\?\UNC\server\share` are other spellings of `C:\work` and `\\server\share`. */
const withoutDevicePrefix = (path: string): string =>
  path.replace(/^\/\/\?\/UNC\//i, "//").replace(/^\/\/\?\//, "");

/**
 * Spells an absolute path as Claude Code does in the keys of `projects`: without `.`, `..` or a separator at
 * the end, with `/` between names on Windows, in Unicode NFC on macOS (unchanged on Linux). Case is kept,
 * including that of a drive letter: keys are compared letter by letter. Source: the three builds of 2.1.328;
 * confirmed on Linux.
 */
export const keyOf = (path: string, platform: Platform): string => {
  const slashed = platform === "win32" ? withoutDevicePrefix(path.replaceAll("\\", "/")) : path;
  const root = rootOf(slashed, platform);
  const names: string[] = [];
  for (const name of slashed.slice(root.length).split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  const key = root + names.join("/");
  return platform === "darwin" ? key.normalize("NFC") : key;
};

/** A key and every folder above it, nearest first, the root last. */
export const keyAndParents = (key: string, platform: Platform): readonly string[] => {
  const root = rootOf(key, platform);
  const names = key.slice(root.length).split("/").filter(Boolean);
  return [...names.map((_, index) => root + names.slice(0, names.length - index).join("/")), root];
};

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
