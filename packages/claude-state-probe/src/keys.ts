/** How paths are spelled; Claude writes its keys with `/` on both. */
export type Platform = "posix" | "win32";

/** The part of a path that `..` cannot leave: `/`, `C:/`, or `//server/share/`. */
const rootOf = (path: string, platform: Platform): string => {
  if (platform === "win32") {
    const found = /^(?:[a-z]:\/?|\/\/[^/]+\/[^/]+\/?)/i.exec(path);
    if (found) return found[0];
  }
  return path.startsWith("/") ? "/" : "";
};

/** `\\?\C:\work` and `\\?\UNC\server\share` are other spellings of `C:\work` and `\\server\share`. */
const withoutDevicePrefix = (path: string): string =>
  path.replace(/^\/\/\?\/UNC\//i, "//").replace(/^\/\/\?\//, "");

/**
 * An absolute path as Claude Code spells it in the keys of `projects`: NFC, `/` between names, no `.`, `..` or
 * trailing separator. Case is kept, also that of a Windows drive: Claude compares keys exactly
 * (anthropics/claude-code#72640).
 */
export const keyOf = (path: string, platform: Platform = "posix"): string => {
  const slashed = platform === "win32" ? withoutDevicePrefix(path.replaceAll("\\", "/")) : path;
  const root = rootOf(slashed, platform);
  const names: string[] = [];
  for (const name of slashed.slice(root.length).split("/")) {
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
  }
  const start = root === "" || root.endsWith("/") ? root : `${root}/`;
  return `${start}${names.join("/")}`.normalize("NFC");
};

/** A key and every folder above it, nearest first, the root last. */
export const keyAndParents = (key: string, platform: Platform = "posix"): readonly string[] => {
  const root = rootOf(key, platform);
  const names = key.slice(root.length).split("/").filter(Boolean);
  return [...names.map((_, index) => root + names.slice(0, names.length - index).join("/")), root];
};
