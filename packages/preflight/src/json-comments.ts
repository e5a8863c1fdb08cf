/** JSON without its comments, which Gemini's files may have; a `//` within a string is none. */
export const withoutComments = (text: string): string =>
  text.replace(/"(?:\\.|[^"\\])*"|\/\/[^\n]*|\/\*[^]*?\*\//g, (found) =>
    found.startsWith('"') ? found : " ",
  );
