/** The text that replaces a key. */
const hidden = "[key]";

/** Removes the key, and all that has the form of one, from a text of the vendor. */
export const redact = (text: string, key: string): string =>
  text.replaceAll(key, hidden).replaceAll(/\b(?:sk|rk|pk)-[A-Za-z0-9_*.-]{6,}/g, hidden);
