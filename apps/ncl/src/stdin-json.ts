import { parseJson, type Result } from "@gatehouse/std";

/** The limit on stdin, bytes. */
export const maxStdinBytes: number = 64 * 1_024;

type Args = Readonly<Record<string, unknown>>;

/**
 * Adds the flags of a JSON object to the typed flags, for values that are hard to quote in a shell. `text` is null if stdin
 * was too long. The error is a sentence. Refuses a flag that is given twice, also in two spellings (`cli-scope`,
 * `cli_scope`).
 */
export const withStdin = (args: Args, text: string | null): Result<Args, string> => {
  if (text === null) return refused(`stdin has more than ${maxStdinBytes / 1_024} KiB.`);
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
