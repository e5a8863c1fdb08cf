import type { TomlTable } from "./toml-value.ts";
import { callerProjects, type CallerProblem } from "./caller-projects.ts";
import { readOverrides, type CodexConfigOverride, type Rejection } from "./config-override.ts";
import { comparable, type FolderContext } from "./folder-rules.ts";
import { inlineToml, isTooDeep, keyText } from "./inline-toml.ts";
import { tooLong, type TooLong } from "./limits.ts";
import type { ProjectEntries } from "./project-entries.ts";
import type { Result } from "@gatehouse/std";
import { trustEntries, untrustedFolders } from "./trust-entries.ts";

/** The trust input of a Codex launch. */
export type CodexTrust = {
  readonly overrides: readonly CodexConfigOverride[];
  /** The folders that the user's config.toml marks untrusted. */
  readonly untrusted: readonly string[];
  /** Entries of config.toml that the override must repeat unchanged: see `entriesToRepeat`. */
  readonly configured: ProjectEntries;
  readonly context: FolderContext;
};

/** A folder that the user marks untrusted, in config.toml or in the arguments. It is never overridden. */
export type RespectedFolder = { readonly code: "untrusted-by-user"; readonly folder: string };

/** The entries of config.toml cannot be repeated. A launch would disable them, so no override is made. */
export type ConfiguredProblem =
  | (Omit<TooLong, "code"> & { readonly code: "configured-projects-too-long" })
  | { readonly code: "configured-projects-too-deep" };

export type RenderError = CallerProblem | ConfiguredProblem | TooLong;

/** The one override for Codex, without `-c`. */
export type ProjectsOverride = {
  /** `null` if Codex needs none. */
  readonly value: `projects={${string}}` | null;
  /** This package wrote the last override in the list, for fewer folders; the new value replaces it. */
  readonly replacesLast: boolean;
  readonly leftOut: readonly (Rejection | RespectedFolder)[];
};

/** Tests whether a folder is in the list, with Codex's rules of comparison. */
const isListedIn = (
  folders: readonly string[],
  { platform }: FolderContext,
): ((folder: string) => boolean) => {
  const known = new Set(folders.map((folder) => comparable(folder, platform)));
  return (folder) => known.has(comparable(folder, platform));
};

const trustedEntry = (entry: TomlTable | undefined): string =>
  entry === undefined ? '{trust_level="trusted"}' : inlineToml({ ...entry, trust_level: "trusted" });

/**
 * Renders the override with sorted keys. The same folders give the same argument, in any order and any number
 * of steps.
 */
const render = (projects: ProjectEntries, folders: readonly string[]): `projects={${string}}` => {
  const texts = new Map(Array.from(projects, ([key, entry]) => [keyText(key), inlineToml(entry)]));
  for (const folder of folders) texts.set(keyText(folder), trustedEntry(projects.get(folder)));
  const entries = [...texts.keys()].sort().map((key) => `${key}=${texts.get(key)}`);
  return `projects={${entries.join(",")}}`;
};

/** Merges both; the caller's fields win over config.toml's, as in Codex. */
const merged = (configured: ProjectEntries, caller: ProjectEntries): ProjectEntries => {
  const all = new Map(configured);
  for (const [key, entry] of caller) all.set(key, { ...configured.get(key), ...entry });
  return all;
};

/**
 * Chooses the error by its cause: the fix for a long config.toml differs from the fix for too many folders.
 */
export const tooLongFor = (
  problem: TooLong,
  trust: CodexTrust,
  render: (trust: CodexTrust) => Result<unknown, RenderError>,
): RenderError => {
  const fitsAlone = trust.configured.size > 0 && render({ ...trust, configured: new Map() }).ok;
  return fitsAlone ? { ...problem, code: "configured-projects-too-long" } : problem;
};

/**
 * Makes the one override that trusts these folders, to put after the caller's own. It repeats the caller's
 * overrides of `projects`, because the last `projects=` replaces every earlier one (0.169.0). Up to 0.66.0 it
 * replaces config.toml's entries too, so it also repeats the `configured` ones.
 */
export const projectsOverride = (
  existing: readonly string[],
  trust: CodexTrust,
): Result<ProjectsOverride, RenderError> => {
  const { overrides, untrusted, configured, context } = trust;
  const { folders, rejected } = readOverrides(overrides, context);
  if (folders.length === 0)
    return { ok: true, value: { value: null, replacesLast: false, leftOut: rejected } };
  const caller = callerProjects(existing);
  if (!caller.ok) return caller;
  const { projects } = caller.value;
  const configuredUntrusted = [...untrusted, ...untrustedFolders(trustEntries(configured))];
  const isUntrusted = isListedIn([...configuredUntrusted, ...caller.value.untrusted], context);
  const respected = folders.filter(isUntrusted);
  const missing = folders.filter(
    (folder) => !isUntrusted(folder) && projects.get(folder)?.["trust_level"] !== "trusted",
  );
  if (missing.length > 0 && [...configured.values()].some(isTooDeep))
    return { ok: false, error: { code: "configured-projects-too-deep" } };
  const value = missing.length === 0 ? null : render(merged(configured, projects), missing);
  const problem = tooLong(value ?? "");
  if (problem !== null)
    return { ok: false, error: tooLongFor(problem, trust, (less) => projectsOverride(existing, less)) };
  const leftOut = [
    ...rejected,
    ...respected.map((folder) => ({ code: "untrusted-by-user" as const, folder })),
  ];
  return { ok: true, value: { value, replacesLast: existing.at(-1) === render(projects, []), leftOut } };
};
