import { wireName } from "../commands/find-command.ts";
import type { ErrorBody } from "../wire/frame.ts";
import { usageOf, visibleCommands, type Asker } from "./visible-commands.ts";

/**
 * Adds help for a mistyped command to an error: the usage of the command that refused its arguments, or the
 * verbs that exist for the first words. Names only commands that the caller may run.
 */
export const advised = (error: ErrorBody, name: string, asker: Asker): ErrorBody => {
  const visible = visibleCommands(asker);
  const beginsWith = (words: string): boolean => `${name}-`.startsWith(`${wireName(words)}-`);
  if (error.code === "unknown-command") {
    const [, message] = Object.entries(asker.host.elsewhere ?? {}).find(([words]) => beginsWith(words)) ?? [];
    return message === undefined ? withVerbs(error, name, visible) : { ...error, message };
  }
  if (error.code !== "invalid-args") return error;
  const [longest] = visible
    .filter(({ words }) => beginsWith(words))
    .toSorted((one, other) => other.words.length - one.words.length);
  return longest === undefined ? error : { ...error, usage: usageOf(longest, asker) };
};

type Words = { readonly words: string };

/** Adds the verbs of `groups config` to the error for `groups config frobnicate`. */
const withVerbs = (error: ErrorBody, name: string, commands: readonly Words[]): ErrorBody => {
  const parts = name.split("-");
  for (let count = parts.length; count > 0; count -= 1) {
    const known = parts.slice(0, count).join("-");
    const below = commands.filter(({ words }) => wireName(words).startsWith(`${known}-`));
    const [first] = below;
    if (first === undefined) continue;
    const verbs = below.map(({ words }) => words.slice(known.length + 1)).join(", ");
    return { ...error, message: `${error.message} "${first.words.slice(0, known.length)}" has: ${verbs}.` };
  }
  return error;
};
