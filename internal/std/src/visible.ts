/**
 * Controls, what turns the writing direction, and what is drawn as nothing (zero-width marks, tags, U+2800); but not what
 * makes one sign of several emoji.
 */
const unseen =
  /(?!(?<=\p{Extended_Pictographic}\ufe0f?|\p{Emoji_Modifier})\u200d(?=\p{Extended_Pictographic})|(?<=\p{Extended_Pictographic})\ufe0f)[\p{Cc}\p{Cs}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]/gu;

/**
 * Text for a terminal: what a terminal obeys and what a person cannot see is written as escapes, `\u{1b}`. A folder's name may
 * hold any of them, and could clear the screen, write a row of its own, or look like another.
 */
export const visible = (text: string): string =>
  text.replace(unseen, (found) => `\\u{${(found.codePointAt(0) ?? 0).toString(16)}}`);

/** The same for text that has lines of its own. */
export const visibleLines = (text: string): string => text.split("\n").map(visible).join("\n");

/** A JSON document with the same in it, and nothing of it unseen: escapes of JSON itself stand for those characters. */
export const visibleJson = (document: unknown): string =>
  JSON.stringify(document).replace(unseen, (found) =>
    Array.from(
      { length: found.length },
      (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, "0")}`,
    ).join(""),
  );
