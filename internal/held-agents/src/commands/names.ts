import { InvalidArgumentError } from "commander";

/** A member's or a team's name: it stands in commands, so it has no slash and nothing that is not seen. */
export const memberName = (text: string): string => {
  if (!/^[\p{L}\p{N}][\p{L}\p{N}._-]{0,63}$/u.test(text))
    throw new InvalidArgumentError("A name has letters, digits, dots, dashes and underscores, at most 64.");
  return text;
};
