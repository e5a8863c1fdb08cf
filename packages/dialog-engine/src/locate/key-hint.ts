/** The words with which a program says that it waits for a key. */
const keyHints: readonly RegExp[] = [
  /\bpress (?:enter|return|space|any key|'?[a-z0-9]'?) (?:to|or)\b/iu,
  /\b(?:enter|return|space)(?: to)? (?:confirm|continue|select|submit|choose|toggle|restart)\b/iu,
  /\bto (?:choose|toggle)\b/iu,
  /[[(]y\/n[\])]\s*[:?]?\s*$/iu,
];

const namesKey = (row: string): boolean => keyHints.some((hint) => hint.test(row));

/** True if one of these rows names the keys that answer a question. */
export const hasKeyHint = (rows: readonly string[]): boolean => rows.some(namesKey);

/** The lowest of these rows that names the keys that answer a question; -1 if none does. */
export const lastKeyHint = (rows: readonly string[]): number => rows.findLastIndex(namesKey);
