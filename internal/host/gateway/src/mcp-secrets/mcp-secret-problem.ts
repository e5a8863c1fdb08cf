/** Longest value, in characters. A private key with its certificates has some thousand. */
const mostCharacters = 32_768;

/** Why a text cannot be the value of a secret; null if it can. Never quotes it. */
export const mcpSecretProblem = (text: string): string | null => {
  if (text === "") return "It is empty.";
  if (text.length > mostCharacters) return `It has more than ${mostCharacters} characters.`;
  // No environment can carry NUL.
  return text.includes("\0") ? "It has a NUL character." : null;
};
