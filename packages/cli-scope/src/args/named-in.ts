import type { Args, Signature } from "../commands/command.ts";

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

const isWhere = (where: Args, args: Args): boolean =>
  Object.entries(where).every(([name, value]) => args[name] === value);
