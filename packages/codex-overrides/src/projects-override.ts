import type { TomlTable } from "smol-toml";
import { callerProjects, type CallerProblem, type CallerProjects } from "./caller-projects.ts";
import { readOverrides, type CodexConfigOverride, type Rejection } from "./config-override.ts";
import { comparable, type FolderContext } from "./folder-rules.ts";
import { inlineToml, keyText } from "./inline-toml.ts";
import { tooLong, type TooLong } from "./limits.ts";
import type { Result } from "./result.ts";

/** What a launch of Codex is to be given. `untrusted` are the folders that the user's config.toml calls so. */
export type CodexTrust = {
  readonly overrides: readonly CodexConfigOverride[];
  readonly untrusted: readonly string[];
  readonly context: FolderContext;
};

/** A folder that the user calls untrusted, in config.toml or in the arguments: that is never overridden. */
export type RespectedFolder = { readonly code: "untrusted-by-user"; readonly folder: string };

export type RenderError = CallerProblem | TooLong;

/** The one override for Codex, without `-c`. */
export type ProjectsOverride = {
  /** `null` where Codex needs none. */
  readonly value: `projects={${string}}` | null;
  /** The last override in the list was written here, for fewer folders: this one takes its place. */
  readonly replacesLast: boolean;
  readonly leftOut: readonly (Rejection | RespectedFolder)[];
};

/** Folders in either list, told apart as Codex tells them. */
const amongst = (folders: readonly string[], { platform }: FolderContext): ((folder: string) => boolean) => {
  const known = new Set(folders.map((folder) => comparable(folder, platform)));
  return (folder) => known.has(comparable(folder, platform));
};

const trustedEntry = (entry: TomlTable | undefined): string =>
  entry === undefined ? '{trust_level="trusted"}' : inlineToml({ ...entry, trust_level: "trusted" });

/** Sorted, so that the same folders make the same argument, in whatever order and in however many steps they came. */
const render = (projects: CallerProjects["projects"], folders: readonly string[]): `projects={${string}}` => {
  const texts = new Map(Array.from(projects, ([key, entry]) => [keyText(key), inlineToml(entry)]));
  for (const folder of folders) texts.set(keyText(folder), trustedEntry(projects.get(folder)));
  const entries = [...texts.keys()].sort().map((key) => `${key}=${texts.get(key)}`);
  return `projects={${entries.join(",")}}`;
};

/**
 * The one override that trusts these folders, to stand after the caller's own, which it repeats as far as they are about
 * `projects`, because the last `projects=` replaces every earlier one (0.169.0). Codex merges it with config.toml.
 */
export const projectsOverride = (
  existing: readonly string[],
  { overrides, untrusted, context }: CodexTrust,
): Result<ProjectsOverride, RenderError> => {
  const { folders, rejected } = readOverrides(overrides, context);
  if (folders.length === 0)
    return { ok: true, value: { value: null, replacesLast: false, leftOut: rejected } };
  const caller = callerProjects(existing);
  if (!caller.ok) return caller;
  const { projects } = caller.value;
  const isUntrusted = amongst([...untrusted, ...caller.value.untrusted], context);
  const respected = folders.filter(isUntrusted);
  const missing = folders.filter(
    (folder) => !isUntrusted(folder) && projects.get(folder)?.["trust_level"] !== "trusted",
  );
  const value = missing.length === 0 ? null : render(projects, missing);
  const error = tooLong(value ?? "");
  if (error !== null) return { ok: false, error };
  const leftOut = [
    ...rejected,
    ...respected.map((folder) => ({ code: "untrusted-by-user" as const, folder })),
  ];
  return { ok: true, value: { value, replacesLast: existing.at(-1) === render(projects, []), leftOut } };
};
