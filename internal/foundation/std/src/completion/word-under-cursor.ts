/** The word under the cursor, as it was typed so far in bash. */
export type WordUnderCursor = {
  /** The text without quotes and backslashes. */
  readonly text: string;
  /** The quote that is open at the cursor; empty outside quotes. */
  readonly quote: "" | "'" | '"';
  /** The index in `text` of the part that the shell replaces. */
  readonly start: number;
};

/** Characters that a backslash escapes in double quotes. Before any other, the backslash is kept. */
const escapable = '"\\$`\n';

/** Parses a word as bash does, without expanding anything. Unquoted characters of `breaks` split the word. */
export const readWord = (typed: string, breaks: string = ""): WordUnderCursor => {
  let [text, start] = ["", 0];
  let quote: WordUnderCursor["quote"] = "";
  for (let index = 0; index < typed.length; index += 1) {
    const letter = typed[index] ?? "";
    const next = typed[index + 1] ?? "";
    if (letter === quote) quote = "";
    else if (
      letter === "\\" &&
      quote !== "'" &&
      (quote === "" || (next !== "" && escapable.includes(next)))
    ) {
      text += next;
      index += 1;
    } else if (quote === "" && (letter === "'" || letter === '"')) [quote, start] = [letter, text.length];
    else {
      text += letter;
      if (quote === "" && breaks.includes(letter)) start = text.length;
    }
  }
  return { text, quote, start };
};

/**
 * A string, because a regex literal is compiled, with its Unicode tables, at every start of `ncl`: 0.4 ms.
 */
const special = String.raw`[^\p{L}\p{M}\p{N}_@%+=:,./-]`;

/**
 * The part of a value that bash is to insert for this word, quoted so that bash reads the same value. Null if
 * that is impossible: within double quotes, "!" cannot be kept from recalling an earlier command.
 */
export const insertedFor = ({ quote, start }: WordUnderCursor, value: string): string | null => {
  const rest = value.slice(start);
  switch (quote) {
    case "'":
      return rest.replaceAll("'", "'\\''");
    case '"':
      return rest.includes("!") ? null : rest.replace(/["\\$`]/g, "\\$&");
    case "":
      return rest.replace(new RegExp(special, "gu"), "\\$&");
  }
};
