const sorted = (_: string, value: unknown): unknown =>
  typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
    : value;

/**
 * A command and its checked arguments as one text: equal for equal commands, whatever the order of flags and keys was, and
 * different for different ones. An approval is bound to it.
 */
export const canonicalText = (words: string, args: Readonly<Record<string, unknown>>): string =>
  JSON.stringify([words, args], sorted);
