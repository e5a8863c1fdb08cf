import { parseJson, type Result } from "@gatehouse/std";

/** The most bytes that stdin may have. */
export const mostStdinBytes: number = 64 * 1_024;

type Args = Readonly<Record<string, unknown>>;

/**
 * The flags with those of a JSON object beside them, for values that no shell can quote well. An error is a
 * sentence. A flag that is given twice, in any spelling (`cli-scope`, `cli_scope`), is one: neither is meant more.
 */
export const withStdin = (args: Args, text: string | null): Result<Args, string> => {
  if (text === null) return refused(`stdin has more than ${mostStdinBytes / 1_024} KiB.`);
  const object = parseJson(text);
  if (typeof object !== "object" || object === null || Array.isArray(object))
    return refused(`stdin is not one JSON object of flags and values, such as {"model":"opus"}.`);
  const typed = new Map(Object.keys(args).map((name) => [nameOf(name), name]));
  for (const name of Object.keys(object)) {
    const before = typed.get(nameOf(name));
    if (before !== undefined)
      return refused(`--${before} is given twice: give it once. stdin has "${name}" too.`);
    typed.set(nameOf(name), name);
  }
  return { ok: true, value: { ...args, ...object } };
};

const refused = (error: string): Result<Args, string> => ({ ok: false, error: `--stdin-json: ${error}` });

const nameOf = (name: string): string => name.toLowerCase().replaceAll("_", "-");
