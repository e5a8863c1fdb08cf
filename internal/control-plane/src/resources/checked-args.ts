import type { Args } from "@nc/cli-scope";

/** A text flag. Dispatch has checked its type. */
export const textOf = (args: Args, name: string): string | undefined => {
  const value = args[name];
  return typeof value === "string" ? value : undefined;
};

/** A text flag that the command requires. */
export const requiredText = (args: Args, name: string): string => {
  const value = textOf(args, name);
  if (value === undefined) throw new TypeError(`The flag ${name} is not declared as required text`);
  return value;
};

export const integerOf = (args: Args, name: string): number | undefined => {
  const value = args[name];
  return typeof value === "number" ? value : undefined;
};

export const listOf = (args: Args, name: string): readonly string[] => {
  const value = args[name];
  return Array.isArray(value) ? value.map(String) : [];
};
