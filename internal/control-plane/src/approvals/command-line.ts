import type { Args, FlagValue } from "@nc/cli-scope";

/**
 * A command as it would be typed, every value in full, with nothing in it that a terminal obeys or that cannot be seen. No
 * value looks like a flag.
 */
export const commandLine = (words: string, args: Args): string =>
  ["ncl", words, ...Object.entries(args).map(([name, value]) => flagText(name, value))].join(" ");

const flagText = (name: string, value: FlagValue): string => {
  const flag = `--${name.replaceAll("_", "-")}`;
  return value === true
    ? flag
    : `${flag} ${quoted(typeof value === "string" ? value : JSON.stringify(value))}`;
};

const quoted = (text: string): string =>
  /^[\w@%+=:,./][\w@%+=:,./-]*$/.test(text) ? text : harmless(JSON.stringify(text));

/** Text with nothing in it that a terminal obeys or that cannot be seen. */
export const harmless = (text: string): string => text.replace(hiddenCharacter, escaped);

/** Controls, direction marks, what is not drawn, and every blank but the space; U+2800 is a letter that is drawn as one. */
const hiddenCharacter = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
