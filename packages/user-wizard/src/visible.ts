/** A text that somebody else wrote and that root reads at a terminal: what that would obey (`"\e[2J"`) is written out. */
export const visible = (text: string): string =>
  text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (found) => `\\u{${found.codePointAt(0)!.toString(16)}}`);
