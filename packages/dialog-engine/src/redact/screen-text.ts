import { utf8Bytes } from "@gatehouse/std";

/** The longest screen in a result, in bytes of UTF-8. */
export const maxScreenBytes: number = 8 * 1024;

/**
 * The text of a screen for a result: without trailing blanks, with secrets masked. A text that is too long
 * loses its beginning, since the newest dialog is at the bottom.
 */
export const screenText = (rows: readonly string[], redact: (text: string) => string): string => {
  const kept: string[] = [];
  let bytes = 0;
  for (const row of redact(rows.map((text) => text.trimEnd()).join("\n"))
    .split("\n")
    .reverse()) {
    bytes += utf8Bytes(row) + 1;
    if (bytes > maxScreenBytes) break;
    kept.unshift(row);
  }
  return kept.join("\n").replace(/^\n+|\n+$/g, "");
};
