import type { TomlTable } from "./toml-value.ts";
import { isTable } from "./inline-toml.ts";

/** Entries of `projects` by the keys as they are written, whole: also what they hold beside `trust_level`. */
export type ProjectEntries = ReadonlyMap<string, TomlTable>;

/** The `[projects]` of a parsed config.toml. What is no table says nothing of a folder, and is not among them. */
export const projectEntries = (config: TomlTable): ProjectEntries => {
  const projects = config["projects"];
  const entries = new Map<string, TomlTable>();
  if (!isTable(projects)) return entries;
  for (const [key, entry] of Object.entries(projects)) if (isTable(entry)) entries.set(key, entry);
  return entries;
};

/** Up to 0.66.0 `-c projects=` takes the place of config.toml's `[projects]`; from 0.72.0 on Codex merges the two. */
const merges = (version: string): boolean => {
  const [, major, minor] = /^(\d+)\.(\d+)\.\d+$/.exec(version) ?? [];
  return Number(major) > 0 || (Number(major) === 0 && Number(minor) >= 72);
};

/**
 * Which of config.toml's entries a launch of this version has to repeat, lest they be out of force while it runs: none for a
 * Codex that merges, else all of them. `null`, or what is no plain `x.y.z`: not known, so they are repeated, which changes
 * nothing where they are merged too.
 */
export const entriesToRepeat = (entries: ProjectEntries, version: string | null): ProjectEntries =>
  version !== null && merges(version) ? new Map() : entries;
