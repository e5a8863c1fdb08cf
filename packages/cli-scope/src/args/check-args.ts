import type { CanonicalArgs } from "./canonical-args.ts";
import type { Args, FlagValue, Signature } from "../commands/command.ts";
import { edits, nearest, type Result } from "@gatehouse/std";
import { parseValue } from "./parse-value.ts";
import type { ArgProblem } from "../problems/problem.ts";

type Flagged = Pick<Signature, "flags" | "positional">;

/** Lists the flags that the command does not have, and the required flags that are missing. */
export const flagProblems = ({ flags, positional }: Flagged, args: CanonicalArgs): readonly ArgProblem[] => {
  const unknown = Object.keys(args)
    .filter((name) => !flags.some((flag) => flag.name === name))
    .map((name): ArgProblem => {
      const near = nearest(flags, (flag) => edits(name, flag.name))?.name ?? null;
      return { code: "flag-unknown", name, near };
    });
  const missing = flags
    .filter(({ name, required }) => required === true && !Object.hasOwn(args, name))
    .map(({ name }): ArgProblem => ({ code: "flag-missing", name, positional: name === positional }));
  return [...unknown, ...missing, ...(missing.length > 0 ? readAs(positional, args) : [])];
};

const readAs = (positional: string | undefined, args: CanonicalArgs): readonly ArgProblem[] => {
  const value = positional === undefined ? undefined : args[positional];
  return positional === undefined || typeof value !== "string"
    ? []
    : [{ code: "read-as", name: positional, value }];
};

/** Parses the values by the types of the command's flags, or returns every problem with them. */
export const checkArgs = (command: Flagged, args: CanonicalArgs): Result<Args, readonly ArgProblem[]> => {
  const problems = [...flagProblems(command, args)];
  const checked: [string, FlagValue][] = [];
  for (const flag of command.flags) {
    if (!Object.hasOwn(args, flag.name)) continue;
    const parsed = parseValue(flag, args[flag.name]);
    if (parsed.ok) checked.push([flag.name, parsed.value]);
    else problems.push(parsed.error);
  }
  return problems.length > 0
    ? { ok: false, error: problems }
    : { ok: true, value: Object.fromEntries(checked) };
};
