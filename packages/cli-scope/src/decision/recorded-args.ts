import { parseJson } from "@gatehouse/std";
import type { CanonicalArgs } from "../args/canonical-args.ts";
import type { Flag } from "../commands/command.ts";

/**
 * The values of arguments for the decision log, as text by flag. The kind of the flag decides: JSON may hold secrets, so
 * only its names are kept; of a private flag, and of a flag that the command does not have, only the length. The values
 * were not checked: a host removes secrets of a known form from the rest, and limits its length.
 */
export const recordedArgs = (flags: readonly Flag[], args: CanonicalArgs): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(args).map(([name, value]) => [
      name,
      recorded(
        flags.find((flag) => flag.name === name),
        value,
      ),
    ]),
  );

const recorded = (flag: Flag | undefined, value: unknown): string => {
  if (flag?.type === "json") return namesIn(typeof value === "string" ? parseJson(value) : value);
  const text = textOf(value);
  if (text === null) return "(not recorded)";
  const isKept = flag !== undefined && flag.isPrivate !== true;
  return isKept ? text : `(${text.length} characters)`;
};

/** A single value, or a list of texts; null for anything else, which no flag accepts. */
const textOf = (value: unknown): string | null => {
  if (Array.isArray(value)) return value.every((item) => typeof item === "string") ? value.join(",") : null;
  return typeof value === "object" || value === undefined ? null : String(value);
};

const namesIn = (value: unknown): string => {
  if (Array.isArray(value)) return `(${value.length} values)`;
  if (typeof value !== "object" || value === null) return "(not recorded)";
  return `(values of ${Object.keys(value).join(", ")})`;
};
