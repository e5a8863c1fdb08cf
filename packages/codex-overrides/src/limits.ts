/** How much one launch may carry. What lies beyond is refused by name, never cut. */
export const limits = {
  /** Folders in one settings value, one list of overrides, one argument. */
  folders: 1_024,
  /** One folder: Linux takes paths of 4,096 bytes with the closing NUL (PATH_MAX, linux/limits.h). */
  folderBytes: 4_095,
  /** All override values of one list together: more would not fit into the one argument that they become. */
  overrideBytes: 131_071,
  /**
   * One argument: execve(2) on Linux takes 32 pages, 131,072 bytes with the closing NUL (MAX_ARG_STRLEN, linux/binfmts.h).
   * macOS has no such limit but one of 1 MiB for everything, which this stays below.
   */
  argumentBytes: 131_071,
  /**
   * The whole command line on Windows: CreateProcess takes 32,767 UTF-16 units with the closing NUL, and 260 of them
   * are set aside for the program's own path (MAX_PATH).
   */
  windowsCommandLineUnits: 32_506,
} as const;

const count = (text: string, units: RegExp): number => text.match(units)?.length ?? 0;

/**
 * What a text weighs as UTF-8, in bytes: a core has no `TextEncoder`. Units beyond ASCII need a second byte and those from
 * U+0800 a third, but for the halves of pairs: two of them are four bytes.
 */
export const utf8Bytes = (text: string): number => {
  const beyondAscii = count(text, /[\u0080-\uffff]/g);
  if (beyondAscii === 0) return text.length;
  return text.length + beyondAscii + count(text, /[\u0800-\ud7ff\ue000-\uffff]/g);
};

/** Whether a text has more bytes than this. No UTF-16 unit makes more than three, so short texts need no counting. */
export const exceeds = (text: string, bytes: number): boolean =>
  text.length > bytes / 3 && utf8Bytes(text) > bytes;

/** An argument, or a command line, that no program can be started with. What it would have to carry cannot be split. */
export type TooLong = {
  readonly code: "argument-too-long";
  /** Bytes; on Windows UTF-16 units of the whole command line. */
  readonly size: number;
  readonly limit: number;
};

/** Whether one argument is too long, `null` if it is not. */
export const tooLong = (argument: string): TooLong | null => {
  const limit = limits.argumentBytes;
  return exceeds(argument, limit) ? { code: "argument-too-long", size: utf8Bytes(argument), limit } : null;
};
