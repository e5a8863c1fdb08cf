import type { Args, Flag, Reference, Signature } from "../commands/command.ts";
import type { CanonicalArgs } from "./canonical-args.ts";

/** A row that an argument names. */
export type Referred = { readonly flag: Flag; readonly resource: string; readonly id: string };

const listed = ({ refersTo = [] }: Flag): readonly Reference[] =>
  typeof refersTo === "string" ? [{ resource: refersTo }] : refersTo;

const isWhere = (where: Args, args: CanonicalArgs): boolean =>
  Object.entries(where).every(([name, value]) => args[name] === value);

/** The resource whose rows a flag names, given the other arguments; null if the flag names no row. */
export const resourceOf = (flag: Flag, args: CanonicalArgs): string | null =>
  listed(flag).find(({ where = {} }) => isWhere(where, args))?.resource ?? null;

/** Every row that the arguments of a command name. */
export const referencesIn = ({ flags }: Pick<Signature, "flags">, args: CanonicalArgs): readonly Referred[] =>
  flags.flatMap((flag) => {
    const id = args[flag.name];
    const resource = typeof id === "string" ? resourceOf(flag, args) : null;
    return typeof id === "string" && resource !== null ? [{ flag, resource, id }] : [];
  });

/** A thing that a command names in addition to the caller's own group. */
export type Named = { readonly what: string; readonly id: string };

/**
 * Every thing that checked arguments name through flags with `names`. The host knows which group owns each.
 */
export const namedIn = ({ flags }: Pick<Signature, "flags">, args: Args): readonly Named[] =>
  flags.flatMap(({ name, names = [] }) => {
    const id = args[name];
    if (typeof id !== "string") return [];
    return names.filter(({ where = {} }) => isWhere(where, args)).map(({ what }) => ({ what, id }));
  });
