import type { Signature } from "./command.ts";
import { edits, nearest, type Result } from "@gatehouse/std";
import type { WordsProblem } from "../problems/problem.ts";

/** A command, and the text typed after its words: an id, including its dashes. */
export type Found<C> = { readonly command: C; readonly rest: string | null };

/** The name of a command in a frame: `groups-config-get` for `groups config get`. */
export const wireName = (words: string): string => words.replaceAll(" ", "-");

/**
 * True if a name begins with these words, with dashes for spaces. It runs for every command at every call, so
 * it allocates no string.
 */
const beginsWith = (name: string, words: string): boolean => {
  for (let index = 0; index < words.length; index += 1) {
    const letter = words[index] === " " ? "-" : words[index];
    if (name[index] !== letter) return false;
  }
  return true;
};

/**
 * The typed name, cut to as many dashed parts as the command has. An id after a mistyped verb then does not
 * count as edits.
 */
const cutTo = (name: string, wire: string): string =>
  name.split("-").slice(0, wire.split("-").length).join("-");

const suggest = (commands: readonly Pick<Signature, "words">[], name: string): string | null => {
  const distance = ({ words }: Pick<Signature, "words">): number =>
    edits(cutTo(name, wireName(words)), wireName(words));
  return nearest(commands, distance)?.words ?? null;
};

/**
 * Suggests `groups help` for `groups` and `groups-frobnicate`: the longest beginning that also starts some
 * command.
 */
const helpOnBeginning = (commands: readonly Pick<Signature, "words">[], name: string): string | null => {
  const parts = name.split("-");
  for (let count = parts.length; count > 0; count -= 1) {
    const known = parts.slice(0, count).join("-");
    const match = commands.find(
      ({ words }) => words[known.length] === " " && beginsWith(known, words.slice(0, known.length)),
    );
    if (match !== undefined) return `${match.words.slice(0, known.length)} help`;
  }
  return null;
};

/**
 * Finds the command whose words are the longest beginning of this name; the rest of the name is the id. An id
 * may therefore contain dashes, or equal the first word of another command.
 */
export const findCommand = <C extends Pick<Signature, "words" | "positional">>(
  commands: readonly C[],
  name: string,
): Result<Found<C>, WordsProblem> => {
  let best: C | null = null;
  for (const command of commands) {
    const { length } = command.words;
    const ends = name.length === length || (name[length] === "-" && name.length > length + 1);
    if (ends && beginsWith(name, command.words) && length > (best?.words.length ?? 0)) best = command;
  }
  if (best === null)
    return {
      ok: false,
      error: {
        code: "command-unknown",
        name,
        near: suggest(commands, name) ?? helpOnBeginning(commands, name),
      },
    };
  const rest = name.length > best.words.length ? name.slice(best.words.length + 1) : null;
  if (rest !== null && best.positional === undefined)
    return { ok: false, error: { code: "word-unexpected", command: best.words, word: rest } };
  return { ok: true, value: { command: best, rest } };
};
