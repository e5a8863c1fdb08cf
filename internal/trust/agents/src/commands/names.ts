import { InvalidArgumentError } from "commander";

/**
 * Parses the name of a member or a team. Names are part of commands: no slashes and no invisible characters.
 */
export const memberName = (text: string): string => {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(text))
    throw new InvalidArgumentError("A name has letters, digits, dots, dashes and underscores, at most 64.");
  return text;
};
