import type * as z from "zod";
import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import type { McpServer, Scalars } from "../container-config.ts";
import { fields, initialSettings, scalarNames, type Settings } from "./fields.ts";
import type { Result } from "@gatehouse/std";

type Checked<T> = Result<T, InvalidConfig>;

/**
 * Checks single values by name, and returns them as they are saved. A name in `unset` gets the value of a new
 * configuration. Collects all problems: unknown names, names that are both set and unset, and refused values.
 */
export const checkScalars = (
  values: Readonly<Record<string, unknown>>,
  unset: readonly string[] = [],
): Checked<Partial<Scalars>> => {
  const known: readonly string[] = scalarNames;
  const isKnown = (name: string): boolean => known.includes(name);
  const problems = [
    ...[...Object.keys(values), ...unset]
      .filter((name) => !isKnown(name))
      .map((path) => ({ path, problem: `is no field: there are ${known.join(", ")}` })),
    ...unset
      .filter((name) => Object.hasOwn(values, name))
      .map((path) => ({ path, problem: "is both set and unset" })),
    ...unset
      .filter((name) => isKnown(name) && initialSettings[name as keyof Scalars] !== null)
      .map((path) => ({
        path,
        problem: `cannot be unset: set it to ${initialSettings[path as keyof Scalars]}`,
      })),
  ];
  const set = checkSettings(Object.fromEntries(Object.entries(values).filter(([name]) => isKnown(name))));
  if (!set.ok) problems.push(...set.error.problems);
  if (problems.length > 0 || !set.ok) return { ok: false, error: { code: "invalid-config", problems } };
  const cleared = unset.map((name) => [name, initialSettings[name as keyof Settings]]);
  return { ok: true, value: { ...set.value, ...Object.fromEntries(cleared) } as Partial<Scalars> };
};

/** Checks the value of one field. Null is valid if the field can be unset. */
export const checkField = <Name extends keyof Settings>(
  name: Name,
  value: unknown,
): Checked<Settings[Name]> => checkAny(name, value) as Checked<Settings[Name]>;

const checkAny = (name: keyof Settings, value: unknown): Checked<unknown> => {
  if (!Object.hasOwn(fields, name)) return invalid([{ path: name, problem: "is no field" }]);
  if (value === null && initialSettings[name] === null) return { ok: true, value };
  const field = fields[name];
  if (value === "") return invalid([{ path: name, problem: "is empty: null clears it" }]);
  const parsed = field.check.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : invalid(problemsOf(name, parsed.error.issues));
};

/** Checks one MCP server and its name. */
export const checkMcpServer = (name: string, server: unknown): Checked<McpServer> => {
  const checked = checkField("mcp_servers", { [name]: server });
  if (!checked.ok) return checked;
  const { [name]: only = server as McpServer } = checked.value;
  return { ok: true, value: only };
};

/** Checks the fields that `values` has. */
export const checkSettings = (values: Readonly<Record<string, unknown>>): Checked<Partial<Settings>> => {
  const problems: ConfigProblem[] = [];
  const settings: Partial<Record<keyof Settings, unknown>> = {};
  for (const [name, value] of Object.entries(values) as [keyof Settings, unknown][]) {
    const checked = checkAny(name, value);
    if (checked.ok) settings[name] = checked.value;
    else problems.push(...checked.error.problems);
  }
  return problems.length > 0 ? invalid(problems) : { ok: true, value: settings as Partial<Settings> };
};

const invalid = (
  problems: readonly ConfigProblem[],
): { readonly ok: false; readonly error: InvalidConfig } => ({
  ok: false,
  error: { code: "invalid-config", problems },
});

/** Converts zod's issues. A problem does not hold the value, which may be a secret. */
const problemsOf = (name: string, issues: readonly z.core.$ZodIssue[]): readonly ConfigProblem[] =>
  issues.flatMap((issue) => {
    const path = [name, ...issue.path.map(String)].join(".");
    // The last member of a union has the longest form, so its problem has the most details.
    if (issue.code === "invalid_union") return problemsOf(name, issue.errors.at(-1) ?? []);
    if (issue.code === "invalid_key") return issue.issues.map(({ message }) => ({ path, problem: message }));
    return [{ path, problem: inWords(issue) }];
  });

/** A plainer sentence than zod's "Invalid input: expected string, received number". */
const inWords = (issue: z.core.$ZodIssue): string => {
  if (issue.code === "invalid_type") return `is no ${kinds[issue.expected] ?? issue.expected}`;
  if (issue.code === "unrecognized_keys") return `has keys that mean nothing: ${issue.keys.join(", ")}`;
  return issue.message;
};

const kinds: Readonly<Record<string, string>> = {
  string: "text",
  array: "list",
  record: "object",
  int: "whole number",
  boolean: "true or false",
};
