import type { TomlTable } from "./toml-value.ts";
import { isTable } from "./inline-toml.ts";

/**
 * Entries of `projects` by their keys as written. An entry is complete, including fields other than
 * `trust_level`.
 */
export type ProjectEntries = ReadonlyMap<string, TomlTable>;

/**
 * Reads the `[projects]` of a parsed config.toml. A value that is not a table says nothing about a folder and
 * is skipped.
 */
export const projectEntries = (config: TomlTable): ProjectEntries => {
  const projects = config["projects"];
  const entries = new Map<string, TomlTable>();
  if (!isTable(projects)) return entries;
  for (const [key, entry] of Object.entries(projects)) if (isTable(entry)) entries.set(key, entry);
  return entries;
};

/**
 * True if this version merges. Up to 0.66.0, `-c projects=` replaces config.toml's `[projects]`; from 0.72.0
 * on, Codex merges the two.
 */
const merges = (version: string): boolean => {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  return Number(major) > 0 || (Number(major) === 0 && Number(minor) >= 72);
};

/**
 * The entries of config.toml that a launch of this version must repeat, because they would otherwise have no
 * effect while it runs. A Codex that merges needs none, any other needs all. If the version is `null` or not
 * a plain `x.y.z`, all entries are repeated; this changes nothing in a Codex that merges.
 */
export const entriesToRepeat = (entries: ProjectEntries, version: string | null): ProjectEntries =>
  version !== null && merges(version) ? new Map() : entries;
