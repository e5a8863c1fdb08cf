import { InvalidArgumentError } from "commander";

/** Whether a member or a team may have this name. Names are part of commands: no slashes, no invisible characters. */
export const isMemberName = (text: string): boolean => /^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(text);

/** Parses the name of a member or a team. */
export const memberName = (text: string): string => {
  if (!isMemberName(text))
    throw new InvalidArgumentError("A name has letters, digits, dots, dashes and underscores, at most 64.");
  return text;
};
