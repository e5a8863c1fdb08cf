import { type Shell, shells } from "./script.ts";
import { readWord, type WordUnderCursor } from "./word-under-cursor.ts";

/** A command line at the moment of Tab. */
export type Tab = {
  /** Null for a caller that is not a shell: it gets unquoted values. */
  readonly shell: Shell | null;
  /** The words before the one under the cursor, without the program's name, unquoted. */
  readonly before: readonly string[];
  readonly under: WordUnderCursor;
};

/**
 * Reads `SHELL -- WORD...`, which a completion script passes; the last word is the one under the cursor. Without
 * SHELL the words are those before the cursor. bash passes words as they were typed; `breaks` are the characters
 * at which it splits them, `COMP_WORDBREAKS`.
 */
export const readTab = ([first, ...rest]: readonly string[], breaks: string = ""): Tab => {
  const shell = shells.find((name) => name === first) ?? null;
  const given = shell !== null || first === undefined ? rest : [first, ...rest];
  const typed = given[0] === "--" ? given.slice(1) : given;
  const words = shell === null ? [...typed, ""] : typed;
  const last = words.at(-1) ?? "";
  const isQuoted = shell === "bash";
  return {
    shell,
    before: words.slice(0, -1).map((word) => (isQuoted ? readWord(word).text : word)),
    under: isQuoted ? readWord(last, breaks) : { text: last, quote: "", start: 0 },
  };
};
