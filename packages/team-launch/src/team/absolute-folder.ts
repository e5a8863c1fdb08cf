import { keyOf, type Platform } from "@trust/claude-state-probe";

/** The bases for folders in a team file. All paths are absolute. */
export type TeamFileContext = {
  /** The folder that `~` means. */
  readonly home: string;
  /** The folder of the team file, or the current folder: the base of relative folders. */
  readonly base: string;
  /** Default: linux, which also means every other Unix. */
  readonly platform?: Platform;
};

const isAbsolute = (folder: string, platform: Platform): boolean =>
  platform === "win32" ? /^(?:[a-z]:)?[\\/]/i.test(folder) : folder.startsWith("/");

/** A folder of a team file as an absolute path, without `.`, `..` or a trailing separator. Links are not followed. */
export const absoluteFolder = (
  folder: string,
  { home, base, platform = "linux" }: TeamFileContext,
): string => {
  const separator = platform === "win32" ? /^~(?:[\\/]|$)/ : /^~(?:\/|$)/;
  if (separator.test(folder)) return keyOf(`${home}/${folder.slice(1)}`, platform);
  return keyOf(isAbsolute(folder, platform) ? folder : `${base}/${folder}`, platform);
};
