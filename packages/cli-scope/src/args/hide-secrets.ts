import type { Args, FlagValue, Signature } from "../commands/command.ts";

const hidden = "(hidden)";

const hide = (value: FlagValue): FlagValue => {
  if (Array.isArray(value)) return value.map((item) => hideItem(item));
  if (typeof value !== "object" || value === null) return hidden;
  return Object.fromEntries(Object.keys(value).map((name) => [name, hidden]));
};

/** Hides the value of `NAME=value` and keeps the name. */
const hideItem = (item: unknown): string => {
  const name = typeof item === "string" ? /^([A-Za-z_][A-Za-z0-9_-]*)=/.exec(item)?.[1] : undefined;
  return name === undefined ? hidden : `${name}=${hidden}`;
};

/**
 * The arguments as shown to a person. A secret argument shows only its names; another argument shows what its
 * flag's `shown` returns, or its value.
 */
export const hideSecrets = ({ flags }: Pick<Signature, "flags">, args: Args): Args => {
  const byName = new Map(flags.map((flag) => [flag.name, flag]));
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => {
      const { secret = false, shown } = byName.get(name) ?? {};
      return [name, secret ? hide(value) : (shown?.(value) ?? value)];
    }),
  );
};
