import { candidateLines, readTab, type Candidate, type Tab } from "@gatehouse/std";
import type { ClientFlags } from "../wire/argv.ts";
import type { RequestFrame } from "../wire/frame.ts";

/** A line at the moment of Tab, separated into the host's part and the client's own. */
export type LineParts = {
  /** The request to send to the host. */
  readonly request: RequestFrame;
  /** The client's own flags before the cursor, as an argv. They select the host. */
  readonly options: readonly string[];
  /** The client's own flags that may come next. */
  readonly ownFlags: readonly string[];
  readonly tab: Tab;
};

/**
 * Separates a line into its parts; null while a value of the client's own flag is typed, which no host can
 * complete. `argv` is what follows `completion words`: `SHELL -- WORD...`, of which the last word is under the
 * cursor. `breaks` is bash's `COMP_WORDBREAKS`.
 */
export const readLine = (
  argv: readonly string[],
  own: ClientFlags,
  breaks: string = "",
): LineParts | null => {
  const tab = readTab(argv, breaks);
  const { before, under } = tab;
  const split = withoutOwn(before, own);
  const begun = /^--([^=]*)=/.exec(under.text)?.[1];
  if (split === null || (begun !== undefined && own.values.includes(begun))) return null;
  const names = [...own.switches, ...own.values].map((name) => `--${name}`);
  const isFlag = under.text.startsWith("-") && !before.includes("--");
  return {
    request: { id: "1", command: "complete", args: { words: split.rest, current: under.text } },
    options: split.options,
    ownFlags: names.filter((name) => isFlag && !split.options.some((typed) => typed.startsWith(name))),
    tab,
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

/** The host's answer as lines for the shell's script, one candidate each. An invalid answer gives no lines. */
export const completionLines = (data: unknown, { tab: { shell, under }, ownFlags }: LineParts): string =>
  candidateLines(
    [...candidatesIn(data), ...ownFlags.map((value): Candidate => ({ value, description: null }))],
    shell,
    under,
  );

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
