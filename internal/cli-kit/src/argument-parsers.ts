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

/** A path as given. An empty one is usually an unset shell variable, and would mean the current folder. */
export const namedPath = (text: string): string => {
  if (text === "") throw new InvalidArgumentError("It is empty, so no path is named.");
  return text;
};

/** Collects the folders of the command line. */
export const anotherFolder = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  namedPath(text),
];

/**
 * Like `anotherFolder`, but refuses a first word that looks like a mistyped command and is not a folder in
 * `cwd`. Otherwise `staus ~/new` would trust `~/new` for a person who only wanted its status.
 */
export const folderOrCommand =
  (program: Command, cwd: string) =>
  (text: string, before: readonly string[] = []): readonly string[] => {
    const commands = program.commands.map((command) => command.name());
    const meant = before.length === 0 && commands.find((command) => edits(text, command) <= 1);
    if (meant && !existsSync(resolve(cwd, text)))
      throw new InvalidArgumentError(`There is no such folder here, and the command is "${meant}".`);
    return anotherFolder(text, before);
  };

export const absolute = (text: string): string => resolve(namedPath(text));
