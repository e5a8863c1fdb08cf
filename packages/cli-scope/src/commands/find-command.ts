import type { Signature } from "./command.ts";
import { edits, nearest, type Result } from "@gatehouse/std";
import type { WordsProblem } from "../problems/problem.ts";

/** A command and what was typed behind its words: an id, dashes and all. */
export type Found<C> = { readonly command: C; readonly rest: string | null };

/** `groups config get` as it stands in a frame. */
export const wireName = (words: string): string => words.replaceAll(" ", "-");

/** Whether a name begins with these words, dashes for spaces. Asked of every command at every call, so no text is built. */
const beginsWith = (name: string, words: string): boolean => {
  for (let index = 0; index < words.length; index += 1) {
    const letter = words[index] === " " ? "-" : words[index];
    if (name[index] !== letter) return false;
  }
  return true;
};

/** The typed name cut to as many dashed parts as a command has, so that an id behind a mistyped verb does not count as edits. */
const cutTo = (name: string, wire: string): string =>
  name.split("-").slice(0, wire.split("-").length).join("-");

const suggest = (commands: readonly Pick<Signature, "words">[], name: string): string | null => {
  const distance = ({ words }: Pick<Signature, "words">): number =>
    edits(cutTo(name, wireName(words)), wireName(words));
  return nearest(commands, distance)?.words ?? null;
};

/** `groups help` for `groups` and `groups-frobnicate`: the longest beginning that some command has as well. */
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
 * The command whose words are the longest beginning of this name; what is left is the id. So ids with dashes survive, and so
 * does an id that is itself the first word of another command.
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
