/** Longest key, in characters. The vendors' keys have some hundred. */
const mostCharacters = 4_096;

/** Why a text is no key; null if it may be one. Never quotes it. */
export const keyProblem = (text: string): string | null => {
  if (text === "") return "It is empty.";
  if (text.length > mostCharacters) return "It is too long for a key.";
  // Other characters would end the header that carries it.
  return /^[\x21-\x7e]+$/.test(text)
    ? null
    : "It has a space, a line end or another character that no key has.";
};
