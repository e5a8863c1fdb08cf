import { visible } from "@gatehouse/std";
import { resourceOf } from "../args/references-in.ts";
import type { Flag } from "../commands/command.ts";
import type { Asked } from "../commands/resolve-command.ts";
import { decide } from "../decision/decide.ts";
import type { LookUp } from "../dispatch/references.ts";
import { typed } from "../problems/command-messages.ts";
import type { BuiltIn, Question } from "./built-in.ts";
import { asGroup } from "./can.ts";
import { flagsFor, visibleCommands } from "./visible-commands.ts";

/** One word that may come next. */
export type Candidate = { readonly value: string; readonly description: string | null };

/** Maximum words offered. A longer list does not help a person to choose. */
const most = 100;

/** Commands that take the words of another command. */
const aboutCommands = ["help", "can"];

/**
 * The words before the cursor, parsed as `parseArgv` does, and what the cursor is on: a value, a word or a
 * flag.
 */
type TypedWords = {
  readonly words: readonly string[];
  /** The flags with a value, by canonical name. */
  readonly args: Readonly<Record<string, string | true>>;
  /** The flag whose value comes next, by canonical name; null if a word or a flag comes next. */
  readonly awaited: string | null;
  /** True if `--` was typed. No word after it is a flag. */
  readonly isBare: boolean;
};

const canonical = (name: string): string => name.toLowerCase().replaceAll("-", "_");

/**
 * Parses the words before the cursor. `--k v` and `--k=v` are the same. A flag after a flag gives the first
 * no value.
 */
const readTypedWords = (typed: readonly string[]): TypedWords => {
  const words: string[] = [];
  const args = new Map<string, string | true>();
  let awaited: string | null = null;
  let isBare = false;
  for (const word of typed) {
    if (isBare) words.push(word);
    else if (word === "--") [isBare, awaited] = [true, null];
    else if (word.startsWith("--")) {
      const [, name = "", value] = /^--([^=]*)(?:=([^]*))?$/.exec(word) ?? [];
      args.set(canonical(name), value ?? true);
      awaited = value === undefined ? canonical(name) : null;
    } else if (awaited !== null) {
      args.set(awaited, word);
      awaited = null;
    } else words.push(word);
  }
  return { words, args: Object.fromEntries(args), awaited, isBare };
};

type Typing = TypedWords & { readonly current: string };

/**
 * The candidates for the word under the cursor, without words that the caller may not use and rows that it
 * may not list.
 */
const candidates = async (typing: Typing, question: Question): Promise<readonly Candidate[]> => {
  const { words, current, awaited, isBare } = typing;
  const commands = visibleCommands(question);
  const command = commandAt(commands, words);
  const flags = [...(command === null ? [] : flagsFor(command, question)), ...ofOperator(command, question)];
  const equals = isBare || !current.startsWith("--") ? -1 : current.indexOf("=");
  if (equals !== -1) {
    const prefix = current.slice(0, equals + 1);
    const flag = flags.find(({ name }) => typed(name) === current.slice(0, equals));
    const values =
      flag === undefined ? [] : await valuesOf(flag, current.slice(equals + 1), typing, question);
    return values.map(({ value, description }) => ({ value: `${prefix}${value}`, description }));
  }
  const flag = flags.find(({ name, type }) => name === awaited && type !== "boolean");
  if (flag !== undefined && !current.startsWith("--")) return valuesOf(flag, current, typing, question);
  const begun = current.startsWith("-") ? flags : flags.filter((one) => one !== asGroup);
  const unused = isBare ? [] : flagCandidates(begun, command, typing);
  if (current.startsWith("-") && !isBare) return unused;
  const next = nextWords(commands, words);
  // `can groups get` takes the same id as `groups get`.
  const asked = words[0] === "can" ? { ...typing, words: words.slice(1) } : typing;
  const bare = await bareCandidates(commandAt(commands, asked.words), asked, question);
  return next.length + bare.length > 0 ? [...next, ...bare] : unused;
};

/** `--as-group`, which the operator may add to any command. It is offered only after a `-` was typed. */
const ofOperator = (command: Asked | null, { actor }: Question): readonly Flag[] =>
  actor.type === "host" && command?.flags.some(({ name }) => name === asGroup.name) !== true ? [asGroup] : [];

/** The command with the longest match at the beginning of these words. */
const commandAt = (commands: readonly Asked[], words: readonly string[]): Asked | null => {
  const matching = commands.filter(({ words: known }) =>
    known.split(" ").every((word, index) => words[index] === word),
  );
  return matching.toSorted((one, other) => other.words.length - one.words.length)[0] ?? null;
};

/**
 * The next words of all commands that begin with these words; `help` and `can` take other commands' words.
 */
const nextWords = (commands: readonly Asked[], typedWords: readonly string[]): readonly Candidate[] => {
  const [first = "", ...rest] = typedWords;
  if (aboutCommands.includes(first)) return nextWords(commands, rest);
  const found = new Map<string, string | null>();
  for (const { words, description } of commands) {
    const parts = words.split(" ");
    const next = parts[typedWords.length];
    if (next === undefined || !typedWords.every((word, index) => parts[index] === word)) continue;
    const isWhole = parts.length === typedWords.length + 1;
    if (isWhole || !found.has(next)) found.set(next, isWhole ? description : null);
  }
  return [...found].map(([value, description]) => ({ value, description }));
};

/** Values for the bare id after the words of a command. */
const bareCandidates = async (
  command: Asked | null,
  typing: Typing,
  question: Question,
): Promise<readonly Candidate[]> => {
  const { words, current } = typing;
  if (command === null || words.length > command.words.split(" ").length) return [];
  const flag = flagsFor(command, question).find(({ name }) => name === command.positional);
  return flag === undefined ? [] : valuesOf(flag, current, typing, question);
};

/** The flags that were not given yet. The bare id counts as its flag. */
const flagCandidates = (
  flags: readonly Flag[],
  command: Asked | null,
  { args, words }: Typing,
): readonly Candidate[] => {
  const hasId = command !== null && words.length > command.words.split(" ").length;
  const isGiven = (name: string): boolean =>
    Object.hasOwn(args, name) || (hasId && name === command.positional);
  return flags
    .filter(({ name, type }) => type === "list" || !isGiven(name))
    .map(({ name, description }) => ({ value: typed(name), description }));
};

/** The values of a flag: its listed values, or the rows that it refers to. */
const valuesOf = async (
  flag: Flag,
  begun: string,
  { args }: Typing,
  question: Question,
): Promise<readonly Candidate[]> => {
  if (flag.type === "boolean") return ["true", "false"].map(undescribed);
  if (flag.values !== undefined) {
    const before = flag.type === "list" ? begun.slice(0, begun.lastIndexOf(",") + 1) : "";
    return flag.values.map((value) => undescribed(`${before}${value}`));
  }
  const resource = resourceOf(flag, args);
  return resource === null || !mayList(resource, question) ? [] : rowsOf(resource, begun, question.lookUp);
};

const undescribed = (value: string): Candidate => ({ value, description: null });

/**
 * True if the caller may list a resource. Without a `list` command, only the caller's reach limits the rows.
 */
const mayList = (resource: string, { actor, authorization, commands, host }: Question): boolean => {
  const list = commands.find(({ words }) => words === `${resource} list`);
  return list === undefined || decide(actor, list, {}, authorization, host.policy).effect === "allow";
};

/** The ids of rows with the rows' descriptions, and the names of rows with their ids. */
const rowsOf = (resource: string, begun: string, lookUp: LookUp): Promise<readonly Candidate[]> =>
  lookUp(async (rows) => {
    const choices = (await rows(resource)?.beginning(begun, most)) ?? [];
    return choices
      .flatMap(({ id, names, description }) => [
        { value: id, description },
        ...names.map((name) => ({ value: name, description: id })),
      ])
      .filter(({ value }) => isTypeable(value));
  });

/**
 * True if a row's id or name can be typed: it does not look like a flag, and all its characters are visible.
 */
const isTypeable = (value: string): boolean =>
  value !== "" && visible(value) === value && !value.startsWith("-");

const offered = (all: readonly Candidate[], current: string): readonly Candidate[] => {
  const fitting = all.filter(({ value }) => value.startsWith(current));
  return [...new Map(fitting.map((each) => [each.value, each])).values()]
    .slice(0, most)
    .map(({ value, description }) => ({ value, description: description && visible(description) }));
};

const isWords = (value: unknown): value is readonly string[] =>
  Array.isArray(value) && value.every((word) => typeof word === "string");

/** Lists the words that may come next on a command line, for completion in a shell, in one frame. */
export const complete: BuiltIn = {
  words: "complete",
  resource: null,
  effect: "read",
  access: "open",
  reach: "group",
  isHidden: true,
  description: "Lists the words that may come next.",
  flags: [
    { name: "words", type: "json", description: "The words before the cursor." },
    {
      name: "current",
      type: "string",
      description: "The word under the cursor, up to the cursor.",
      isPrivate: true,
    },
  ],
  answer: async (question) => {
    const { words = [], current = "" } = question.args;
    const typing = { ...readTypedWords(isWords(words) ? words : []), current: String(current) };
    return {
      ok: true,
      value: { data: { candidates: offered(await candidates(typing, question), typing.current) } },
    };
  },
};
