import type { Result } from "@gatehouse/std";

/**
 * A parsed command line, not checked yet: only the host knows the commands.
 *
 *     groups config update ag-1 --model opus --json
 *     └──────── command ──────┘ └── args ──┘ └ options
 */
export type CommandLine = {
  /** All bare words, joined by dashes; empty if there are none. */
  readonly command: string;
  /**
   * The flags as typed, without the dashes. `true` if no value was given; a list if a flag was repeated, so
   * that the host can refuse it.
   */
  readonly args: Readonly<Record<string, string | true | readonly string[]>>;
  /** The flags that the client handles itself. */
  readonly options: Readonly<Record<string, string | true>>;
};

/** The client's own flags, with exact spelling: `switches` take no value, `values` take one. */
export type ClientFlags = { readonly switches: readonly string[]; readonly values: readonly string[] };

/** The reason why an argv is not a command line. */
export type ArgvProblem =
  /** `--=x` */
  | { readonly code: "flag-without-name"; readonly flag: string }
  /** `-x` */
  | { readonly code: "short-flag"; readonly flag: string }
  /** `--socket` at the end, where a value is needed. */
  | { readonly code: "value-missing"; readonly flag: string }
  /** `--json=yes` */
  | { readonly code: "value-unexpected"; readonly flag: string }
  /** `--socket a --socket b` */
  | { readonly code: "flag-repeated"; readonly flag: string };

type Flag = { readonly type: "flag"; readonly name: string; readonly value: string | true };
type Word = { readonly type: "word"; readonly text: string };
type Token = Flag | Word | { readonly type: "short"; readonly text: string };

const flag = (name: string, value: string | true): Flag => ({ type: "flag", name, value });

/** The token that starts at this index, and the number of arguments it uses. */
const tokenAt = (argv: readonly string[], index: number, switches: readonly string[]): [Token, number] => {
  const text = argv[index] ?? "";
  if (text === "-h") return [flag("help", true), 1];
  // `-1` is a number, and `-` alone is a word.
  if (!text.startsWith("--")) return [{ type: /^-[^-\d]/.test(text) ? "short" : "word", text }, 1];
  const equals = text.indexOf("=");
  if (equals >= 0) return [flag(text.slice(2, equals), text.slice(equals + 1)), 1];
  const name = text.slice(2);
  const next = argv[index + 1];
  const bare = next === undefined || next.startsWith("--") || switches.includes(name);
  return bare ? [flag(name, true), 1] : [flag(name, next), 2];
};

const tokens = (argv: readonly string[], switches: readonly string[]): readonly Token[] => {
  const found: Token[] = [];
  for (let index = 0; index < argv.length;) {
    if (argv[index] === "--") {
      const words = argv.slice(index + 1).map((text) => ({ type: "word", text }) as const);
      return [...found, ...words];
    }
    const [token, taken] = tokenAt(argv, index, switches);
    found.push(token);
    index += taken;
  }
  return found;
};

const misformed = (all: readonly Token[]): ArgvProblem | null => {
  for (const token of all) {
    if (token.type === "short") return { code: "short-flag", flag: token.text };
    if (token.type === "flag" && token.name === "")
      return { code: "flag-without-name", flag: `--=${token.value}` };
  }
  return null;
};

const misused = (own: readonly Flag[], client: ClientFlags): ArgvProblem | null => {
  const seen = new Set<string>();
  for (const { name, value } of own) {
    const takesValue = client.values.includes(name);
    if (seen.has(name)) return { code: "flag-repeated", flag: name };
    if (takesValue && value === true) return { code: "value-missing", flag: name };
    if (!takesValue && value !== true) return { code: "value-unexpected", flag: name };
    seen.add(name);
  }
  return null;
};

const gather = (flags: readonly Flag[]): CommandLine["args"] => {
  const args = new Map<string, string | true | readonly string[]>();
  for (const { name, value } of flags) {
    const before = args.get(name);
    args.set(name, before === undefined ? value : [before, value].flat().map(String));
  }
  return Object.fromEntries(args);
};

/**
 * Parses an `argv` without the program's name. `--k v` equals `--k=v`; `--k` alone is `true`; all words after
 * `--` are bare. `-h` is `--help`. A value that starts with two dashes needs the form with `=`.
 */
export const parseArgv = (
  argv: readonly string[],
  client: ClientFlags = { switches: [], values: [] },
): Result<CommandLine, ArgvProblem> => {
  const all = tokens(argv, client.switches);
  const flags = all.filter((token) => token.type === "flag");
  const isOwn = ({ name }: Flag): boolean => client.switches.includes(name) || client.values.includes(name);
  const own = flags.filter(isOwn);
  const problem = misformed(all) ?? misused(own, client);
  if (problem !== null) return { ok: false, error: problem };
  const words = all.filter((token) => token.type === "word");
  return {
    ok: true,
    value: {
      command: words.map(({ text }) => text).join("-"),
      args: gather(flags.filter((each) => !isOwn(each))),
      options: Object.fromEntries(own.map(({ name, value }) => [name, value])),
    },
  };
};

/** The message for a problem with an argv. */
export const explainArgv = ({ code, flag }: ArgvProblem): string => {
  switch (code) {
    case "flag-without-name":
      return `${flag} is not a flag: write --name value.`;
    case "short-flag":
      return `Unknown flag ${flag}. Flags start with --; for text that starts with a dash, write -- ${flag}.`;
    case "value-missing":
      return `--${flag} needs a value: write --${flag} VALUE.`;
    case "value-unexpected":
      return `--${flag} takes no value: write --${flag} alone.`;
    case "flag-repeated":
      return `--${flag} is given twice: give it once.`;
  }
};
