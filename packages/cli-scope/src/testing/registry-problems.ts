import { canonicalName } from "../args/canonical-args.ts";
import type { Command, Flag, FlagValue } from "../commands/command.ts";
import { wireName } from "../commands/find-command.ts";

/** A command of any context: the checks here do not use the context. */
type Registered = Command<never>;

const repeated = (names: readonly string[]): readonly string[] =>
  names.filter((name, index) => names.indexOf(name) !== index);

/** Reports a condition that can never be true. With it, the named thing would never be checked. */
const namingProblems = ({ type, names = [] }: Flag, { flags }: Registered): readonly string[] => [
  ...(names.length > 0 && type !== "string" ? ["names something and is no text"] : []),
  ...names.flatMap(({ what, where = {} }) =>
    Object.entries(where)
      .filter(([name, value]) => !canBe(flags, name, value))
      .map(([name]) => `names a ${what} where ${name} is what it cannot be`),
  ),
];

const canBe = (flags: readonly Flag[], name: string, value: FlagValue): boolean => {
  const flag = flags.find((each) => each.name === name);
  return flag !== undefined && (flag.values?.some((each) => each === value) ?? true);
};

const flagProblems = (flag: Flag, command: Registered): readonly string[] => [
  ...(canonicalName(flag.name) === flag.name ? [] : ["is no canonical name"]),
  ...namingProblems(flag, command),
  ...(command.reach === "group" && ["agent_group_id", "group"].includes(flag.name) && flag.lock !== "group"
    ? ['names a group and has no lock "group"']
    : []),
  ...(flag.name === "cli_scope" && flag.escalates !== true ? ["does not escalate"] : []),
];

/** Reports effects that the compiler would refuse, for commands whose full type the compiler did not see. */
const effectProblems = (command: Registered): readonly string[] => {
  const runs = "run" in command && command.run !== undefined;
  const intends = "intent" in command && command.intent !== undefined;
  switch (command.effect) {
    case "read":
    case "change":
      return [
        ...(runs ? [] : [`is a ${command.effect} and has no run`]),
        ...(intends ? [`is a ${command.effect} and has an intent`] : []),
      ];
    case "act":
      return [
        ...(runs ? ["is an act and has a run: it would run in a transaction"] : []),
        ...(intends ? [] : ["is an act and has no intent"]),
      ];
    default:
      return ["has no effect: read, change or act"];
  }
};

const commandProblems = (command: Registered): readonly string[] => {
  const { words, flags, positional, reach, resource, rowGroup } = command;
  const names = flags.map(({ name }) => name);
  const isTied = resource === null || rowGroup !== undefined || flags.some(({ lock }) => lock !== undefined);
  return [
    ...(/^[a-z][a-z0-9]*([ -][a-z0-9]+)*$/.test(words)
      ? []
      : ["words are lower case, with one space or dash between"]),
    ...effectProblems(command),
    ...repeated(names).map((name) => `flag ${name} is there twice`),
    ...(positional === undefined || names.includes(positional)
      ? []
      : [`positional ${positional} is no flag of it`]),
    ...(reach === "group" && !isTied
      ? ["is within reach of a group, and nothing ties it to one: a lock or a rowGroup"]
      : []),
    ...flags.flatMap((flag) => flagProblems(flag, command).map((problem) => `flag ${flag.name} ${problem}`)),
  ];
};

/**
 * The problems of a host's list of commands, one line each; a host's test should expect none. It finds
 * commands that would be refused, or never found, at run time.
 */
export const registryProblems = (commands: readonly Registered[]): readonly string[] => [
  ...repeated(commands.map(({ words }) => wireName(words))).map((name) => `${name}: is there twice`),
  ...commands.flatMap((command) => commandProblems(command).map((problem) => `${command.words}: ${problem}`)),
];
