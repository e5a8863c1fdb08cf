import type { z } from "zod";
import type { ConfigProblem, InvalidConfig } from "../config-error.ts";
import type { McpServer, Scalars } from "../container-config.ts";
import { initialSettings, scalarNames, type Settings } from "./fields.ts";
import {
  hostField,
  packageField,
  packageFields,
  typedNames,
  type AnyFields,
  type ConfigFields,
  type HostField,
  type NoFields,
} from "./host-fields.ts";
import type { Result } from "@gatehouse/std";

type Checked<T> = Result<T, InvalidConfig>;

/**
 * Checks single values and the host's fields by name, and returns them as they are saved. A name in `unset`
 * gets the value of a new configuration. Collects all problems: unknown names, names that are both set and
 * unset, and refused values.
 */
export const checkScalars = <Own extends object = NoFields>(
  values: Readonly<Record<string, unknown>>,
  unset: readonly string[] = [],
  given?: ConfigFields<Own>,
): Checked<Partial<Scalars & Own>> => {
  const fields: AnyFields = given ?? packageFields;
  const known = typedNames(fields, scalarNames);
  const isKnown = (name: string): boolean => known.includes(name);
  const problems = [
    ...[...Object.keys(values), ...unset]
      .filter((name) => !isKnown(name))
      .map((path) => ({ path, problem: `is no field: there are ${known.join(", ")}` })),
    ...unset
      .filter((name) => Object.hasOwn(values, name))
      .map((path) => ({ path, problem: "is both set and unset" })),
    ...unset
      .filter((name) => name === "cli_scope" || name === "tools")
      .map((path) => ({
        path,
        problem: `cannot be unset: set it to ${initialSettings[path as keyof Scalars]}`,
      })),
  ];
  const set = checkSettings(
    Object.fromEntries(Object.entries(values).filter(([name]) => isKnown(name))),
    fields,
  );
  if (!set.ok) problems.push(...set.error.problems);
  if (problems.length > 0 || !set.ok) return { ok: false, error: { code: "invalid-config", problems } };
  const cleared = unset.map((name) => [name, fields.initial[name as keyof Settings]]);
  return { ok: true, value: { ...set.value, ...Object.fromEntries(cleared) } as Partial<Scalars & Own> };
};

/** Checks the value of one field. Null is valid if the field can be unset. */
export const checkField = <Name extends keyof (Settings & Own) & string, Own extends object = NoFields>(
  name: Name,
  value: unknown,
  fields?: ConfigFields<Own>,
): Checked<(Settings & Own)[Name]> =>
  checkAny(name, value, fields ?? packageFields) as Checked<(Settings & Own)[Name]>;

const checkAny = (name: string, value: unknown, fields: AnyFields): Checked<unknown> => {
  if (value === null && fields.initial[name as keyof Settings] === null) return { ok: true, value };
  const field = packageField(name);
  if (field === undefined) return checkHostField(name, value, hostField(fields, name));
  if (value === "") return invalid([{ path: name, problem: `is empty: to clear it, use --unset ${name}` }]);
  const parsed = field.check.safeParse(value);
  return parsed.success ? { ok: true, value: parsed.data } : invalid(problemsOf(name, parsed.error.issues));
};

const checkHostField = (
  name: string,
  value: unknown,
  field: HostField<unknown> | undefined,
): Checked<unknown> => {
  if (field === undefined) return invalid([{ path: name, problem: "is no field" }]);
  if (value === null) return invalid([{ path: name, problem: "cannot be unset" }]);
  const parsed = field.check.safeParse(value);
  if (parsed.success) return { ok: true, value: parsed.data };
  const problems = parsed.error.issues.map(({ path, message }) => ({
    path: [name, ...path.map(String)].join("."),
    problem: message,
  }));
  return invalid(problems);
};

/** Checks one MCP server and its name. */
export const checkMcpServer = (name: string, server: unknown): Checked<McpServer> => {
  const checked = checkField("mcp_servers", { [name]: server });
  if (!checked.ok) return checked;
  const { [name]: only = server as McpServer } = checked.value;
  return { ok: true, value: only };
};

/** Checks the fields that `values` has. */
export const checkSettings = (
  values: Readonly<Record<string, unknown>>,
  fields: AnyFields = packageFields,
): Checked<Partial<Settings>> => {
  const problems: ConfigProblem[] = [];
  const settings: Partial<Record<keyof Settings, unknown>> = {};
  for (const [name, value] of Object.entries(values) as [keyof Settings, unknown][]) {
    const checked = checkAny(name, value, fields);
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
