import type { Args, FlagValue } from "@nc/cli-scope";

/**
 * A command as a person would type it, with every value in full. It contains no terminal control and no
 * invisible character, and no value looks like a flag.
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

/** Text without terminal controls and invisible characters. */
export const harmless = (text: string): string => text.replace(hiddenCharacter, escaped);

/**
 * Controls, direction marks, invisible characters, and every blank except the space. U+2800 (braille) is a
 * letter that is drawn as a blank.
 */
const hiddenCharacter = /(?! )[\p{C}\p{Z}\p{Default_Ignorable_Code_Point}\u2800]/gu;

const escaped = (character: string): string =>
  [...Array(character.length).keys()]
    .map((index) => `\\u${character.charCodeAt(index).toString(16).padStart(4, "0")}`)
    .join("");
