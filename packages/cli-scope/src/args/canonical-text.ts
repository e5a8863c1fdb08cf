const sorted = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
    : value;

/**
 * A command and its checked arguments as one text. The order of flags and keys does not matter: equal
 * commands give equal texts, and different commands give different ones. An approval is bound to this text.
 */
export const canonicalText = (words: string, args: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([words, args], sorted);
