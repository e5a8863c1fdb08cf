import type { Args, Signature } from "../commands/command.ts";

/** Something beside the caller's own group that a command names. */
export type Named = { readonly what: string; readonly id: string };

/** All that checked arguments name by flags that say so. Whose it is, the host knows. */
export const namedIn = ({ flags }: Pick<Signature, "flags">, args: Args): readonly Named[] =>
  flags.flatMap(({ name, names = [] }) => {
    const id = args[name];
    if (typeof id !== "string") return [];
    return names.filter(({ where = {} }) => isWhere(where, args)).map(({ what }) => ({ what, id }));
  });

const isWhere = (where: Args, args: Args): boolean =>
  Object.entries(where).every(([name, value]) => args[name] === value);
