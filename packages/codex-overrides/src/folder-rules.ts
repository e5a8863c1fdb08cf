import { exceeds, limits } from "./limits.ts";

/** What decides how a path is read: `linux` stands for every other Unix too. */
export type Platform = "darwin" | "linux" | "win32";

/** Where the folders of a launch are, and the home folder in every spelling it has (as named, links followed). */
export type FolderContext = { readonly platform: Platform; readonly homes: readonly string[] };

/** Why a path is no folder that may be trusted. */
export type FolderProblem =
  | "folder-too-long"
  | "control-character"
  | "ill-formed-text"
  | "relative-path"
  | "dot-segment"
  | "not-normalized"
  | "root-refused"
  | "home-refused";

/** `/`, `C:\`, or `\\server\share\`. A device path (`\\?\`, `\\.\`) names no folder that Codex would look up. */
const rootOf = (path: string, platform: Platform): string | null => {
  if (platform !== "win32") return path.startsWith("/") ? "/" : null;
  return /^(?:[a-z]:[\\/]|[\\/]{2}[^\\/?.][^\\/]*[\\/][^\\/]+(?:[\\/]|$))/i.exec(path)?.[0] ?? null;
};

const isSeparator = (character: string | undefined, platform: Platform): boolean =>
  character === "/" || (character === "\\" && platform === "win32");

/** A path without the separators at its end. A root keeps its own. */
export const withoutTrailingSeparators = (path: string, platform: Platform): string => {
  if (!isSeparator(path.at(-1), platform)) return path;
  const least = rootOf(path, platform)?.length ?? 0;
  let end = path.length;
  while (end > least && isSeparator(path[end - 1], platform)) end -= 1;
  return path.slice(0, end);
};

/**
 * What a path is compared by. On Windows Codex compares without regard to ASCII case (its source, 2026), and both
 * separators mean the same; elsewhere it compares letter by letter.
 */
export const comparable = (path: string, platform: Platform): string => {
  const trimmed = withoutTrailingSeparators(path, platform);
  return platform === "win32" ? trimmed.replaceAll("\\", "/").toLowerCase() : trimmed;
};

/** Home is guarded without regard to case or composition on macOS too, whose file systems seldom tell them apart. */
const guarded = (path: string, platform: Platform): string =>
  platform === "darwin"
    ? comparable(path, platform).normalize("NFC").toLowerCase()
    : comparable(path, platform);

const isHomeOrAbove = (folder: string, { platform, homes }: FolderContext): boolean =>
  homes.some((home) => `${guarded(home, platform)}/`.startsWith(`${guarded(folder, platform)}/`));

/** An empty name, `.` or `..` behind the root: `//`, `/./`, `/../`, and each of them at the end. */
const oddName = { posix: /(?:^|\/)(\.{0,2})(?=\/|$)/, win32: /(?:^|[\\/])(\.{0,2})(?=[\\/]|$)/ };

/** Names that Windows takes for other names: `ada.` and `ada ` are `ada`, and a colon names a stream of a file. */
const otherNameOnWindows = /[<>:"|?*]|[. ](?=[\\/]|$)/;

/** What is wrong with how the names behind the root are spelled. */
const spellingProblem = (names: string, platform: Platform): FolderProblem | null => {
  const odd = (platform === "win32" ? oddName.win32 : oddName.posix).exec(names);
  if (odd !== null) return odd[1] === "" ? "not-normalized" : "dot-segment";
  return platform === "win32" && otherNameOnWindows.test(names) ? "not-normalized" : null;
};

/** Control characters, line separators, and halves of surrogate pairs, which most paths have none of. */
// eslint-disable-next-line no-control-regex -- they are what is looked for
const suspect = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff]/;

/** Text that a person could not read in a diagnostic, or that would be another path as UTF-8. */
const textProblem = (folder: string): FolderProblem | null => {
  if (exceeds(folder, limits.folderBytes)) return "folder-too-long";
  if (!suspect.test(folder)) return null;
  if (/[\p{Cc}\p{Zl}\p{Zp}]/u.test(folder)) return "control-character";
  return /\p{Cs}/u.test(folder) ? "ill-formed-text" : null;
};

/**
 * Why this path may not be trusted, `null` if it may: it has to be one absolute folder in its plain spelling, and neither
 * the root of a disk nor home nor above home. Looks at the text only; time grows with its length and no faster.
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
