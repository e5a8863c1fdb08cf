/**
 * Matches a string or a comment. An unclosed one extends to the end of the text, so no part is scanned twice: these
 * files come from untrusted folders.
 */
const stringOrComment = /"(?:[^"\\]|\\[^])*"?|\/\/[^\n]*|\/\*(?:[^]*?\*\/|[^]*)/g;

/** Removes the comments that Gemini's JSON files may have; a `//` inside a string is not a comment. */
export const withoutComments = (text: string): string =>
  text.replace(stringOrComment, (found) => (found.startsWith('"') ? found : " "));
