import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { InvalidArgumentError, type Command } from "commander";
import { edits } from "@gatehouse/std";

/** Converts a number of seconds to milliseconds. */
export const milliseconds = (text: string): number => {
  const value = Number(text) * 1000;
  if (text.trim() === "" || !Number.isFinite(value) || value <= 0)
    throw new InvalidArgumentError("It is a number of seconds above 0.");
  return value;
};

export const positiveInteger = (text: string): number => {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It is a whole number from 1 to 9999.");
  return Number(text);
};

export const wholeNumber = (text: string): number => {
  if (!/^(?:0|[1-9]\d{0,3})$/.test(text))
    throw new InvalidArgumentError("It is a whole number from 0 to 9999.");
  return Number(text);
};

/** A path as given. An empty one is usually an unset shell variable, and would mean the current folder. */
export const namedPath = (text: string): string => {
  if (text === "") throw new InvalidArgumentError("The path is empty.");
  return text;
};

/** Collects paths of the command line. */
export const anotherPath = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  namedPath(text),
];

/** Names of commands of other programs. A person may type one by habit. */
const familiarCommands: readonly string[] = [
  ...["add", "allow", "attach", "completions", "config", "help", "info", "init", "install"],
  ...[
    "launch",
    "list",
    "login",
    "logout",
    "logs",
    "ls",
    "ps",
    "remove",
    "revoke",
    "rm",
    "run",
    "show",
    "start",
  ],
  ...["stop", "trust", "uninstall", "untrust", "up", "update", "upgrade", "version"],
];

/**
 * Parses a folder that the user named. Refuses a word that is not a folder in `cwd` and looks like a command
 * (mistyped, or of another program).
 */
export const folderNotCommand =
  (program: Command, cwd: string) =>
  (text: string): string => {
    const commands = program.commands.map((command) => command.name());
    const meant = commands.find((command) => edits(text, command) <= 1);
    if ((meant === undefined && !familiarCommands.includes(text)) || existsSync(resolve(cwd, text)))
      return namedPath(text);
    throw new InvalidArgumentError(
      meant === undefined
        ? `There is no such folder here, and no command "${text}". The commands are: ${commands.join(", ")}.`
        : `There is no such folder here, and the command is "${meant}".`,
    );
  };

/**
 * Like `anotherPath`, with `folderNotCommand` for the first word. Otherwise `staus ~/new` would trust
 * `~/new` for a person who only wanted its status.
 */
export const folderOrCommand =
  (program: Command, cwd: string) =>
  (text: string, before: readonly string[] = []): readonly string[] =>
    before.length === 0 ? [folderNotCommand(program, cwd)(text)] : anotherPath(text, before);

export const absolute = (text: string): string => resolve(namedPath(text));
