/**
 * Text for a terminal: control characters and those that turn the writing direction are written as escapes, `\u{1b}`.
 * A folder's name may hold any of them, and could clear the screen or write a row of its own.
 */
export const visible = (text: string): string =>
  text.replace(
    /[\p{Cc}\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu,
    (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`,
  );
