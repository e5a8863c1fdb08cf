/**
 * The words before the cursor, parsed as `parseArgv` does, and what the cursor is on: a value, a word or a
 * flag.
 */
export type TypedWords = {
  readonly words: readonly string[];
  /** The flags with a value, by canonical name. */
  readonly args: Readonly<Record<string, string | true>>;
  /** The flag whose value comes next, by canonical name; null if a word or a flag comes next. */
  readonly awaited: string | null;
  /** True if `--` was typed. No word after it is a flag. */
  readonly isBare: boolean;
};

const canonical = (name: string): string => name.toLowerCase().replaceAll("-", "_");

/**
 * Parses the words before the cursor. `--k v` and `--k=v` are the same. A flag after a flag gives the first
 * no value.
 */
export const readTypedWords = (typed: readonly string[]): TypedWords => {
  const words: string[] = [];
  const args = new Map<string, string | true>();
  let awaited: string | null = null;
  let isBare = false;
  for (const word of typed) {
    if (isBare) words.push(word);
    else if (word === "--") [isBare, awaited] = [true, null];
    else if (word.startsWith("--")) {
      const [, name = "", value] = /^--([^=]*)(?:=([^]*))?$/.exec(word) ?? [];
      args.set(canonical(name), value ?? true);
      awaited = value === undefined ? canonical(name) : null;
    } else if (awaited !== null) {
      args.set(awaited, word);
      awaited = null;
    } else words.push(word);
  }
  return { words, args: Object.fromEntries(args), awaited, isBare };
};
