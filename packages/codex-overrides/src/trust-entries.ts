import type { Platform } from "./folder-rules.ts";
import type { ProjectEntries } from "./project-entries.ts";

/** A folder's `trust_level` as Codex knows it. */
export type TrustLevel = "trusted" | "untrusted";

/** The trust levels in a config.toml, by the keys as written there. */
export type TrustEntries = ReadonlyMap<string, TrustLevel>;

/** The key that decides about a folder, and its level; `absent` if no key is found. */
export type EntryFound =
  | { readonly state: TrustLevel; readonly key: string }
  | { readonly state: "absent"; readonly key: null };

/** Reads the trust levels of the entries. An entry with another level, or none, is skipped. */
export const trustEntries = (projects: ProjectEntries): TrustEntries => {
  const entries = new Map<string, TrustLevel>();
  for (const [key, { trust_level: level }] of projects)
    if (level === "trusted" || level === "untrusted") entries.set(key, level);
  return entries;
};

/** The keys that the user marks untrusted. */
export const untrustedFolders = (entries: TrustEntries): readonly string[] =>
  [...entries].filter(([, level]) => level === "untrusted").map(([key]) => key);

/** Codex lower-cases ASCII letters on Windows (its source, 2026); other systems keep the key. */
const lowered = (key: string): string => key.replace(/[A-Z]/g, (letter) => letter.toLowerCase());

/** The last entry whose key differs in the case of ASCII letters at most. */
const otherCase = (entries: TrustEntries, key: string): TrustLevel | undefined =>
  [...entries].findLast(([written]) => lowered(written) === lowered(key))?.[1];

/**
 * Looks up a folder's keys as Codex does: the first key that exists decides. A separator at the end of a
 * written key matters: Codex 0.169.0 asks in `/work/repo` although `/work/repo/` is trusted.
 */
export const findEntry = (entries: TrustEntries, keys: readonly string[], platform: Platform): EntryFound => {
  for (const key of keys) {
    const state = entries.get(key) ?? (platform === "win32" ? otherCase(entries, key) : undefined);
    if (state !== undefined) return { state, key };
  }
  return { state: "absent", key: null };
};
