import { limits } from "../wire/limits.ts";
import type { ArgProblem } from "../problems/problem.ts";
import type { Result } from "@gatehouse/std";
import { unsafeValue } from "./unsafe-value.ts";

/** Arguments by canonical name, each name once. Their values are not parsed yet. */
export type CanonicalArgs = Readonly<Record<string, unknown>>;

// The pattern allows ASCII only, because lower-casing can turn other characters into ASCII: the Kelvin sign
// becomes `k`.
const spelling = /^[a-z][a-z0-9_-]*$/i;

/** The canonical form of a flag name: lower case, with `_` for `-`. Null if the name cannot be a flag. */
export const canonicalName = (raw: string): string | null =>
  raw.length <= limits.argName && spelling.test(raw) ? raw.toLowerCase().replaceAll("-", "_") : null;

/**
 * Makes names canonical and checks values, once, before any decision. Refuses two spellings of one name:
 * a check could look at one of them while the handler uses the other.
 */
export const canonicalArgs = (
  raw: Readonly<Record<string, unknown>>,
): Result<CanonicalArgs, readonly ArgProblem[]> => {
  const entries = Object.entries(raw);
  if (entries.length > limits.args) return { ok: false, error: [{ code: "args-too-many" }] };
  const spellings = new Map<string, string[]>();
  const args: [string, unknown][] = [];
  const problems: ArgProblem[] = [];
  for (const [written, value] of entries) {
    const name = canonicalName(written);
    if (name === null) {
      problems.push({ code: "name-malformed", name: written });
      continue;
    }
    const unsafe = unsafeValue(value);
    if (unsafe !== null) problems.push({ code: "value-unsafe", name, unsafe });
    spellings.set(name, [...(spellings.get(name) ?? []), written]);
    args.push([name, value]);
  }
  for (const [name, written] of spellings)
    if (written.length > 1) problems.push({ code: "name-twice", name, spellings: written });
  return problems.length > 0 ? { ok: false, error: problems } : { ok: true, value: Object.fromEntries(args) };
};
