import { canonicalArgs, type CanonicalArgs } from "../args/canonical-args.ts";
import type { Signature } from "./command.ts";
import { findCommand } from "./find-command.ts";
import type { ArgProblem, WordsProblem } from "../problems/problem.ts";
import { fail, ok, type Result } from "@gatehouse/std";

/**
 * A command that may also take the flags of the command it is asked about, as `can` does. Help and completion
 * leave a hidden one out: programs use it.
 */
export type Asked = Signature & { readonly passesFlags?: boolean; readonly isHidden?: boolean };

/** A command with its own arguments, including an id typed after the words. */
export type Resolved<C> = {
  readonly command: C;
  readonly args: CanonicalArgs;
  /** The flags of the other command that this command is asked about. */
  readonly passed: CanonicalArgs;
};

const split = (command: Asked, args: CanonicalArgs): Pick<Resolved<never>, "args" | "passed"> => {
  if (command.passesFlags !== true) return { args, passed: {} };
  const isOwn = ([name]: [string, unknown]): boolean => command.flags.some((flag) => flag.name === name);
  const entries = Object.entries(args);
  return {
    args: Object.fromEntries(entries.filter(isOwn)),
    passed: Object.fromEntries(entries.filter((entry) => !isOwn(entry))),
  };
};

/**
 * Finds the command of this name and separates its arguments from passed flags, or returns all problems. The
 * id may be typed after the words or in its flag, but not in both.
 */
export const resolveCommand = <C extends Asked>(
  commands: readonly C[],
  name: string,
  raw: Readonly<Record<string, unknown>>,
): Result<Resolved<C>, readonly (WordsProblem | ArgProblem)[]> => {
  const found = findCommand(commands, name);
  if (!found.ok) return { ok: false, error: [found.error] };
  const canonical = canonicalArgs(raw);
  if (!canonical.ok) return canonical;
  const { command, rest } = found.value;
  const named = withoutAliases(command, canonical.value);
  if (!named.ok) return named;
  const { positional } = command;
  if (rest === null || positional === undefined)
    return { ok: true, value: { command, ...split(command, named.value) } };
  if (Object.hasOwn(named.value, positional))
    return { ok: false, error: [{ code: "flag-repeated", name: positional }] };
  return { ok: true, value: { command, ...split(command, { ...named.value, [positional]: rest }) } };
};

/**
 * Gives each aliased flag its own name. A flag under both names is refused, since a check could look at one
 * value while the handler uses the other.
 */
const withoutAliases = (
  { flags }: Signature,
  args: CanonicalArgs,
): Result<CanonicalArgs, readonly ArgProblem[]> => {
  const aliased = flags.filter(({ alias }) => alias !== undefined && Object.hasOwn(args, alias));
  const twice = aliased.filter(({ name }) => Object.hasOwn(args, name));
  if (twice.length > 0)
    return fail(
      twice.map(({ name, alias = "" }): ArgProblem => ({
        code: "name-twice",
        name,
        spellings: [name, alias],
      })),
    );
  const names = new Map(aliased.map(({ name, alias = "" }) => [alias, name]));
  return ok(
    Object.fromEntries(Object.entries(args).map(([name, value]) => [names.get(name) ?? name, value])),
  );
};
