import { visible } from "@gatehouse/std";
import type { ClientFlags } from "../wire/argv.ts";
import type { RequestFrame } from "../wire/frame.ts";
import type { Shell } from "./completion-script.ts";
import { insertedFor, readShellWord, type ShellWord } from "./shell-word.ts";

/** A command line that is being typed, as a shell's script hands it over. */
export type Line = {
  /** Null for a caller that is no shell: it gets plain words. */
  readonly shell: Shell | null;
  /** The words behind the program's name. The last is the one under the cursor. */
  readonly words: readonly string[];
  /** bash: the characters at which it divides words, `COMP_WORDBREAKS`. */
  readonly breaks?: string;
};

/** What of a line is for the host, and what for the client. */
export type LineParts = {
  /** The one frame to ask the host with. */
  readonly request: RequestFrame;
  /** The client's own flags as typed before the cursor, as an argv: they say which host. */
  readonly options: readonly string[];
  /** The client's own flags that may come next. */
  readonly ownFlags: readonly string[];
  readonly under: ShellWord;
};

/** Takes a line apart; null while a value of the client's own flags is typed, which the host does not know. */
export const readLine = ({ shell, words, breaks = "" }: Line, own: ClientFlags): LineParts | null => {
  const isQuoted = shell === "bash";
  const before = words.slice(0, -1).map((word) => (isQuoted ? readShellWord(word).text : word));
  const last = words.at(-1) ?? "";
  const under: ShellWord = isQuoted ? readShellWord(last, breaks) : { text: last, quote: "", start: 0 };
  const split = withoutOwn(before, own);
  const begun = /^--([^=]*)=/.exec(under.text)?.[1];
  if (split === null || (begun !== undefined && own.values.includes(begun))) return null;
  const names = [...own.switches, ...own.values].map((name) => `--${name}`);
  const isFlag = under.text.startsWith("-") && !before.includes("--");
  return {
    request: { id: "1", command: "complete", args: { words: split.rest, current: under.text } },
    options: split.options,
    ownFlags: names.filter(
      (name) =>
        isFlag && name.startsWith(under.text) && !split.options.some((typed) => typed.startsWith(name)),
    ),
    under,
  };
};

type Split = { readonly rest: readonly string[]; readonly options: readonly string[] };

/** Null if the last word is a flag of the client that awaits its value. */
const withoutOwn = (words: readonly string[], own: ClientFlags): Split | null => {
  const [rest, options]: [string[], string[]] = [[], []];
  const end = words.indexOf("--");
  const flags = end === -1 ? words : words.slice(0, end);
  for (let index = 0; index < flags.length; index += 1) {
    const word = flags[index] ?? "";
    const [, name = ""] = /^--([^=]*)/.exec(word) ?? [];
    if (own.switches.includes(name)) options.push(word);
    else if (!own.values.includes(name)) rest.push(word);
    else if (word.includes("=")) options.push(word);
    else if (index + 1 === words.length) return null;
    else options.push(`${word}=${flags[(index += 1)] ?? ""}`);
  }
  return { rest: end === -1 ? rest : [...rest, ...words.slice(end)], options };
};

type Candidate = { readonly value: string; readonly description: string | null };

/**
 * The host's answer as the lines that the shell's script reads: a candidate each, for bash quoted as the word
 * was begun, for zsh and fish with its description behind a tab. What is no answer gives no line.
 */
export const completionLines = (data: unknown, shell: Shell | null, { under, ownFlags }: LineParts): string =>
  [...candidatesIn(data), ...ownFlags.map((value): Candidate => ({ value, description: null }))]
    .filter(({ value }) => value.startsWith(under.text) && visible(value) === value)
    .map((candidate) => lineOf(candidate, shell, under))
    .filter((line) => line !== null)
    .map((line) => `${line}\n`)
    .join("");

const lineOf = ({ value, description }: Candidate, shell: Shell | null, under: ShellWord): string | null => {
  if (shell === "bash") return insertedFor(under, value);
  return shell === null || description === null ? value : `${value}\t${visible(description)}`;
};

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};

/** Believes nothing: what listens may be no host. */
const candidatesIn = (data: unknown): readonly Candidate[] => {
  const { candidates } = fields(data);
  if (!Array.isArray(candidates)) return [];
  return candidates.flatMap((each: unknown) => {
    const { value, description } = fields(each);
    if (typeof value !== "string" || value === "") return [];
    return [
      { value, description: typeof description === "string" && description !== "" ? description : null },
    ];
  });
};
