import { visible } from "@gatehouse/std";
import type { ClientFlags } from "../wire/argv.ts";
import type { RequestFrame } from "../wire/frame.ts";
import type { Shell } from "./completion-script.ts";
import { insertedFor, readShellWord, type ShellWord } from "./shell-word.ts";

/** A command line that is being typed, as a shell's script passes it. */
export type Line = {
  /** Null for a caller that is not a shell: it gets unquoted values. */
  readonly shell: Shell | null;
  /** The words after the program's name. The last is the one under the cursor. */
  readonly words: readonly string[];
  /** For bash: the characters at which it splits words, `COMP_WORDBREAKS`. */
  readonly breaks?: string;
};

/** A line, separated into the host's part and the client's own. */
export type LineParts = {
  /** The request to send to the host. */
  readonly request: RequestFrame;
  /** The client's own flags before the cursor, as an argv. They select the host. */
  readonly options: readonly string[];
  /** The client's own flags that may come next. */
  readonly ownFlags: readonly string[];
  readonly under: ShellWord;
};

/**
 * Separates a line into its parts; null while a value of the client's own flag is typed, which no host can
 * complete.
 */
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
 * The host's answer as lines for the shell's script, one candidate each. For bash, the value is quoted in the
 * way in which the word was begun; for zsh and fish, a tab and the description follow. An invalid answer
 * gives no lines.
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

/** Checks every value: the process that answers may not be a host. */
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
