import type { TomlTable, TomlValue } from "./toml-value.ts";
import { isTable, isTooDeep, maxLevels } from "./inline-toml.ts";
import { parseToml } from "./parse-text.ts";
import type { ProjectEntries } from "./project-entries.ts";
import type { Result } from "@gatehouse/std";

/**
 * The caller's own overrides do not make `projects` a table of tables, or nest it too deep, so nothing can be
 * merged with it.
 */
export type CallerProblem = { readonly code: "caller-projects-unreadable" };

/** The `projects` that the caller's overrides set, in the caller's order. */
export type CallerProjects = {
  readonly projects: ProjectEntries;
  /** Folders that the caller marks untrusted, including in the dotted form that Codex does not understand. */
  readonly untrusted: readonly string[];
};

/**
 * `key=value` as Codex splits it: at the first `=`, and the key at every dot, quoted or not (0.20 to 0.169).
 */
type Override = { readonly path: readonly string[]; readonly value: TomlValue };

const overrideIn = (text: string): Override | null => {
  const at = text.indexOf("=");
  const path = text.slice(0, Math.max(at, 0)).trim().split(".");
  return path[0] === "projects" ? { path: path.slice(1), value: valueOf(text.slice(at + 1).trim()) } : null;
};

const isQuote = (character: string | undefined): boolean => character === '"' || character === "'";

const withoutQuotes = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (isQuote(text[start])) start += 1;
  while (end > start && isQuote(text[end - 1])) end -= 1;
  return text.slice(start, end);
};

/** Parses the value as Codex does: as TOML, or else as plain text without the quotes around it. */
const valueOf = (text: string): TomlValue => {
  const parsed = parseToml(`value = ${text}`);
  return (parsed.ok ? parsed.value["value"] : undefined) ?? withoutQuotes(text);
};

/** Puts a value into a table at a path, as Codex does: a value in the way is replaced. */
const put = (target: TomlValue | undefined, path: readonly string[], value: TomlValue): TomlValue => {
  const [key, ...rest] = path;
  if (key === undefined) return value;
  const table = isTable(target) ? target : {};
  const below = Object.hasOwn(table, key) ? table[key] : undefined;
  return { ...table, [key]: put(below, rest, value) };
};

const unreadable: Result<never, CallerProblem> = { ok: false, error: { code: "caller-projects-unreadable" } };

const entriesOf = (projects: TomlValue): Result<ProjectEntries, CallerProblem> => {
  const entries = isTable(projects) ? Object.entries(projects) : null;
  const tables = new Map<string, TomlTable>();
  for (const [key, value] of entries ?? []) if (isTable(value)) tables.set(key, value);
  if (entries === null || tables.size < entries.length) return unreadable;
  return { ok: true, value: tables };
};

const untrustedIn = (projects: Iterable<readonly [string, TomlValue]>): readonly string[] =>
  Array.from(projects)
    .filter(([, entry]) => isTable(entry) && entry["trust_level"] === "untrusted")
    .map(([folder]) => folder);

/**
 * The folders that a person marks untrusted with a dotted override and a quoted key, which Codex reads
 * differently.
 */
const untrustedInQuotedKeys = (text: string): readonly string[] => {
  const parsed = /^\s*projects\s*\./.test(text) ? parseToml(text) : null;
  const projects = parsed?.ok ? parsed.value["projects"] : undefined;
  return isTable(projects) ? untrustedIn(Object.entries(projects)) : [];
};

/** Computes `projects` as Codex would from these overrides (`key=value`, without `-c`); the last one wins. */
export const callerProjects = (overrides: readonly string[]): Result<CallerProjects, CallerProblem> => {
  const relevant = overrides.map(overrideIn).filter((override) => override !== null);
  if (relevant.some(({ path, value }) => path.length > maxLevels || isTooDeep(value))) return unreadable;
  const whole = relevant.reduce<TomlValue>((projects, { path, value }) => put(projects, path, value), {});
  const projects = entriesOf(whole);
  if (!projects.ok) return projects;
  const untrusted = [...untrustedIn(projects.value), ...overrides.flatMap(untrustedInQuotedKeys)];
  return { ok: true, value: { projects: projects.value, untrusted } };
};
