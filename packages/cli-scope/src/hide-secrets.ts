import type { Args, FlagValue, Signature } from "./command.ts";

const hidden = "(hidden)";

const hide = (value: FlagValue): FlagValue => {
  if (Array.isArray(value)) return value.map((item) => hideItem(item));
  if (typeof value !== "object" || value === null) return hidden;
  return Object.fromEntries(Object.keys(value).map((name) => [name, hidden]));
};

/** `NAME=value` keeps its name. */
const hideItem = (item: unknown): string => {
  const name = typeof item === "string" ? /^([A-Za-z_][A-Za-z0-9_-]*)=/.exec(item)?.[1] : undefined;
  return name === undefined ? hidden : `${name}=${hidden}`;
};

/** The arguments as a person is shown them: all of them, and of a secret its names only. */
export const hideSecrets = ({ flags }: Pick<Signature, "flags">, args: Args): Args => {
  const secrets = new Set(flags.filter(({ secret }) => secret === true).map(({ name }) => name));
  return Object.fromEntries(
    Object.entries(args).map(([name, value]) => [name, secrets.has(name) ? hide(value) : value]),
  );
};
