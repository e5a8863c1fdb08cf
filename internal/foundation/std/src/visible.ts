/**
 * Control characters, characters that change the writing direction, and invisible ones (zero-width marks,
 * tags, U+2800). Does not include the joiners that combine several emoji into one.
 */
const unseen = (): RegExp =>
  (unseenOnceMade ??=
    /(?!(?<=\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\ufe0f)[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu);

let unseenOnceMade: RegExp | null = null;

/**
 * Matches most texts. The pattern above takes a millisecond to compile, so it is compiled for other texts
 * only.
 */
const plain = /^[\x20-\x7e]*$/;

/**
 * Makes text safe for a terminal: control and invisible characters become escapes, `\u{1b}`. The name of a
 * folder may contain any of them; it could clear the screen, print an extra row, or look like another name.
 */
export const visible = (text: string): string =>
  plain.test(text)
    ? text
    : text
        .replace(setApart, (_found, letters: string) => [...letters].map(escapedLetter).join(""))
        .replace(unseen(), escapedLetter);

const escapedLetter = (found: string): string => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`;

/** Like `visible`, for text of several lines. */
export const visibleLines = (text: string): string => text.split("\n").map(visible).join("\n");

/** The blocks of the scripts that run from right to left: R and AL in Unicode's DerivedBidiClass.txt. */
const rightToLeft = "\\u0590-\\u08ff\\ufb1d-\\ufdff\\ufe70-\\ufefc\\u{10800}-\\u{10fff}\\u{1e800}-\\u{1efff}";
const wordFromRight = new RegExp(`[${rightToLeft}][${rightToLeft}\\p{M}]*`, "gu");
const setApart = new RegExp(`\u2068([${rightToLeft}\\p{M}]+)\u2069`, "gu");

/**
 * Sets each word of a script that runs from right to left between U+2068 and U+2069. So it turns nothing around it: in
 * `mv A /1 B` with Hebrew words for A and B, the words stay in their order. A terminal may know no such mark: there
 * `visible` writes the letters of these words as escapes.
 */
export const wordsInOrder = (text: string): string =>
  plain.test(text) ? text : text.replace(wordFromRight, "\u2068$&\u2069");

/** A JSON document whose control and invisible characters are JSON escapes; its value is unchanged. `indent`: blanks. */
export const visibleJson = (document: unknown, indent = 0): string =>
  JSON.stringify(document, null, indent)
    .split("\n")
    .map((line) => (plain.test(line) ? line : line.replace(unseen(), escapedInJson)))
    .join("\n");

const escapedInJson = (found: string): string =>
  Array.from(
    { length: found.length },
    (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`,
  ).join("");

/** Longest sentence of the host, characters. */
const longestSentence = 2_000;

/**
 * A sentence of the host, or a text that it quotes: one line of at most `most` characters, safe for a terminal. Breaks
 * and runs of blanks become one space, so that no quoted text gets a row of its own.
 */
export const oneLine = (text: string, most: number = longestSentence): string => {
  // A text of megabytes is cut before it is searched.
  const read = text.slice(0, mostRead);
  const line = visible(read.replace(/[\s\p{Z}]+/gu, " ").trim());
  if (line.length <= most && read.length === text.length) return line;
  const cut = ` [cut off: ${text.length} characters]`;
  return `${line.slice(0, Math.max(0, most - cut.length)).replace(/\p{Cs}$/u, "")}${cut}`;
};

const mostRead = 100_000;
