import { Argument, type Command, type Option } from "commander";
import {
  candidateLines,
  completionScript,
  readTab,
  shells,
  type Candidate,
  type Shell,
} from "@gatehouse/std";
import type { Io } from "./io.ts";

/** Adds `completion SHELL`, which prints the script that completes the program's words on Tab. */
export const addCompletion = (root: Command, io: Io): void => {
  root
    .command("completion")
    .addArgument(new Argument("<shell>", "").choices(shells))
    .description(`print the script that completes words on Tab: source <(${root.name()} completion bash)`)
    .action((shell: Shell) => void io.stdout.write(completionScript(shell, root.name())));
};

/**
 * The lines for `completion words SHELL -- WORD...`, which the script calls; null for other arguments. The
 * words come from the program's commands and options. For the value of an option without choices, and for
 * arguments such as folders, there is no line, and the script completes files.
 */
export const completionWords = (root: Command, argv: readonly string[], io: Io): string | null => {
  const [completion, words, ...rest] = argv;
  if (completion !== "completion" || words !== "words") return null;
  const { shell, before, under } = readTab(rest, io.env["COMP_WORDBREAKS"]);
  return candidateLines(candidatesAfter(root, before, under.text), shell, under);
};

/** The meaning of the words before the cursor. */
type Typed = {
  readonly command: Command;
  /** Its arguments so far. */
  readonly count: number;
  readonly given: readonly Option[];
  /** The option whose value comes next. */
  readonly awaited: Option | undefined;
  /** True after `--`. */
  readonly isBare: boolean;
};

const candidatesAfter = (root: Command, before: readonly string[], current: string): readonly Candidate[] => {
  const typed = before.reduce(withWord, {
    command: root,
    count: 0,
    given: [],
    awaited: undefined,
    isBare: false,
  });
  const { command, count, given, awaited, isBare } = typed;
  if (awaited !== undefined) return plainly(awaited.argChoices);
  if (current.startsWith("-") && !isBare) {
    const [name = "", value] = current.split("=", 2);
    if (value !== undefined)
      return plainly(optionNamed(command, name)?.argChoices?.map((choice) => `${name}=${choice}`));
    return optionsOf(command)
      .filter((option) => option.variadic || !given.includes(option))
      .flatMap(({ long, description }) => (long ? [{ value: long, description }] : []));
  }
  const commands = count === 0 && !isBare ? command.createHelp().visibleCommands(command) : [];
  const argument = command.registeredArguments[count];
  return [
    ...commands.map((each) => ({ value: each.name(), description: each.description() })),
    ...plainly(argument?.argChoices),
  ];
};

const withWord = (typed: Typed, word: string): Typed => {
  const { command, count, given, awaited, isBare } = typed;
  if (awaited !== undefined) return { ...typed, awaited: undefined };
  if (word === "--" && !isBare) return { ...typed, isBare: true };
  if (word.startsWith("-") && word !== "-" && !isBare) {
    const [name = "", value] = word.split("=", 2);
    const option = optionNamed(command, name);
    if (option === undefined) return typed;
    const isOpen = option.required && value === undefined;
    return { ...typed, given: [...given, option], awaited: isOpen ? option : undefined };
  }
  const below = count === 0 && !isBare ? command.commands.find((each) => each.name() === word) : undefined;
  return below === undefined ? { ...typed, count: count + 1 } : { ...typed, command: below };
};

/** The command's own options, and those of the commands above it. */
const optionsOf = (command: Command): readonly Option[] => {
  const help = command.createHelp();
  return [...help.visibleOptions(command), ...help.visibleGlobalOptions(command)];
};

const optionNamed = (command: Command, name: string): Option | undefined =>
  optionsOf(command).find(({ long, short }) => long === name || short === name);

const plainly = (values: readonly string[] = []): readonly Candidate[] =>
  values.map((value) => ({ value, description: null }));
