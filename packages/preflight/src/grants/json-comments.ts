/**
 * A string, or a comment. One that never ends takes the rest of the text, so that no place is gone through twice: these
 * files come from folders that nobody has vouched for.
 */
const stringOrComment = /"(?:[^"\\]|\\[^])*"?|\/\/[^\n]*|\/\*(?:[^]*?\*\/|[^]*)/g;

/** JSON without its comments, which Gemini's files may have; a `//` within a string is none. */
export const withoutComments = (text: string): string =>
  text.replace(stringOrComment, (found) => (found.startsWith('"') ? found : " "));
