import { utf8Bytes } from "@gatehouse/std";

/** The limits of one launch. A larger input is refused with an error code, and never cut. */
export const limits = {
  /** Folders in one settings value, one list of overrides, one argument. */
  folders: 1_024,
  /** One folder. Linux accepts paths of 4,096 bytes including the closing NUL (PATH_MAX, linux/limits.h). */
  folderBytes: 4_095,
  /** All override values of one list together. More would not fit into the one argument that they form. */
  overrideBytes: 131_071,
  /**
   * One argument. execve(2) on Linux accepts 32 pages, 131,072 bytes including the closing NUL
   * (MAX_ARG_STRLEN, linux/binfmts.h). macOS limits only the total, to 1 MiB; this is below it.
   */
  argumentBytes: 131_071,
  /**
   * The whole command line on Windows. CreateProcess accepts 32,767 UTF-16 units including the closing NUL;
   * 260 of them are reserved for the program's own path (MAX_PATH).
   */
  windowsCommandLineUnits: 32_506,
} as const;

/**
 * True if a text has more bytes than this. A UTF-16 unit takes at most three bytes, so a short text is not
 * counted.
 */
export const exceeds = (text: string, bytes: number): boolean =>
  text.length > bytes / 3 && utf8Bytes(text) > bytes;

/** An argument or a command line that is too long to start a program with. Its content cannot be split. */
export type TooLong = {
  readonly code: "argument-too-long";
  /** In bytes; for a Windows command line, in UTF-16 units. */
  readonly size: number;
  readonly limit: number;
};

/** The problem if one argument is too long, else `null`. */
export const tooLong = (argument: string): TooLong | null => {
  const limit = limits.argumentBytes;
  return exceeds(argument, limit) ? { code: "argument-too-long", size: utf8Bytes(argument), limit } : null;
};
