/** The last value of a flag in an argv, as `--flag value` or `--flag=value`; null if the flag is missing. */
export const valueOf = (args: readonly string[], names: readonly string[]): string | null => {
  const own = args.includes("--") ? args.slice(0, args.indexOf("--")) : args;
  const values = own.flatMap((arg, at) => {
    if (names.includes(arg)) return own[at + 1] ?? [];
    const name = names.find((one) => one.startsWith("--") && arg.startsWith(`${one}=`));
    return name === undefined ? [] : arg.slice(name.length + 1);
  });
  return values.at(-1) ?? null;
};
