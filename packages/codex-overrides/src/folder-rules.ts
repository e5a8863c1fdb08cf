import { exceeds, limits } from "./limits.ts";

/** Decides how a path is read. `linux` also means every other Unix. */
export type Platform = "darwin" | "linux" | "win32";

/** The platform of a launch, and every spelling of its home folder (as named, and with links followed). */
export type FolderContext = { readonly platform: Platform; readonly homes: readonly string[] };

/** Why a folder may not be trusted. */
export type FolderProblem =
  | "folder-too-long"
  | "control-character"
  | "ill-formed-text"
  | "relative-path"
  | "dot-segment"
  | "not-normalized"
  | "root-refused"
  | "home-refused";

/**
 * The root of a path: `/`, `C:\`, or `\\server\share\`. Null for a device path (`\\?\`, `\\.\`), because Codex
 * does not look these up.
 */
const rootOf = (path: string, platform: Platform): string | null => {
  if (platform !== "win32") return path.startsWith("/") ? "/" : null;
  return /^(?:[a-z]:[\\/]|[\\/]{2}[^\\/?.][^\\/]*[\\/][^\\/]+(?:[\\/]|$))/i.exec(path)?.[0] ?? null;
};

const isSeparator = (character: string | undefined, platform: Platform): boolean =>
  character === "/" || (character === "\\" && platform === "win32");

/** Removes the separators at the end of a path. A root keeps its own. */
export const withoutTrailingSeparators = (path: string, platform: Platform): string => {
  if (!isSeparator(path.at(-1), platform)) return path;
  const least = rootOf(path, platform)?.length ?? 0;
  let end = path.length;
  while (end > least && isSeparator(path[end - 1], platform)) end -= 1;
  return path.slice(0, end);
};

/**
 * The form of a path for comparison. On Windows, Codex ignores ASCII case (its source, 2026) and both
 * separators mean the same. On other systems it compares letter by letter.
 */
export const comparable = (path: string, platform: Platform): string => {
  const trimmed = withoutTrailingSeparators(path, platform);
  return platform === "win32" ? trimmed.replaceAll("\\", "/").toLowerCase() : trimmed;
};

/**
 * The form of a path for the check against home. It ignores case and composition on macOS too, because its
 * file systems seldom distinguish them.
 */
const guarded = (path: string, platform: Platform): string =>
  platform === "darwin"
    ? comparable(path, platform).normalize("NFC").toLowerCase()
    : comparable(path, platform);

const isHomeOrAbove = (folder: string, { platform, homes }: FolderContext): boolean =>
  homes.some((home) => `${guarded(home, platform)}/`.startsWith(`${guarded(folder, platform)}/`));

/** An empty name, `.` or `..` after the root: `//`, `/./`, `/../`, or one of them at the end. */
const oddName = { posix: /(?:^|\/)(\.{0,2})(?=\/|$)/, win32: /(?:^|[\\/])(\.{0,2})(?=[\\/]|$)/ };

/**
 * Names that Windows reads as other names: `ada.` and `ada ` mean `ada`, and a colon names a stream of a
 * file.
 */
const otherNameOnWindows = /[<>:"|?*]|[. ](?=[\\/]|$)/;

/** The problem with the spelling of the names after the root. */
const spellingProblem = (names: string, platform: Platform): FolderProblem | null => {
  const odd = (platform === "win32" ? oddName.win32 : oddName.posix).exec(names);
  if (odd !== null) return odd[1] === "" ? "not-normalized" : "dot-segment";
  return platform === "win32" && otherNameOnWindows.test(names) ? "not-normalized" : null;
};

/**
 * Control characters, line separators, and halves of surrogate pairs. Most paths have none, so this one test
 * is enough.
 */
// eslint-disable-next-line no-control-regex -- the pattern looks for these characters
const suspect = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;

/** Refuses text that a person could not read in a diagnostic, or that would be another path in UTF-8. */
const textProblem = (folder: string): FolderProblem | null => {
  if (exceeds(folder, limits.folderBytes)) return "folder-too-long";
  if (!suspect.test(folder)) return null;
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(folder)) return "control-character";
  return /\p{Cs}/u.test(folder) ? "ill-formed-text" : null;
};

/**
 * Why this path may not be trusted, `null` if it may. It must be one absolute folder in its plain spelling,
 * and not the root of a disk, home, or a folder above home. It reads the text only; time grows linearly with
 * its length.
 */
export const folderProblem = (folder: string, context: FolderContext): FolderProblem | null => {
  const unfit = textProblem(folder);
  if (unfit !== null) return unfit;
  const root = rootOf(folder, context.platform);
  if (root === null) return "relative-path";
  if (root.length === folder.length) return "root-refused";
  return (
    spellingProblem(folder.slice(root.length), context.platform) ??
    (isHomeOrAbove(folder, context) ? "home-refused" : null)
  );
};
