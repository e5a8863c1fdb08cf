import type { Platform } from "./folder-rules.ts";
import type { ProjectEntries } from "./project-entries.ts";

/** A folder's `trust_level` as Codex knows it. */
export type TrustLevel = "trusted" | "untrusted";

/** What a config.toml says about folders, by the keys as they are written there. */
export type TrustEntries = ReadonlyMap<string, TrustLevel>;

/** Which of a folder's keys decides, and how; `absent` where none is there. */
export type EntryFound =
  { readonly state: TrustLevel; readonly key: string } | { readonly state: "absent"; readonly key: null };

/** What the entries say of trust. Those with another level, or none, say nothing. */
export const trustEntries = (projects: ProjectEntries): TrustEntries => {
  const entries = new Map<string, TrustLevel>();
  for (const [key, { trust_level: level }] of projects)
    if (level === "trusted" || level === "untrusted") entries.set(key, level);
  return entries;
};

/** The keys that the user calls untrusted. */
export const untrustedFolders = (entries: TrustEntries): readonly string[] =>
  [...entries].filter(([, level]) => level === "untrusted").map(([key]) => key);

/** Codex lowers the ASCII letters of keys on Windows (its source, 2026), and changes nothing elsewhere. */
const lookupKey = (key: string, platform: Platform): string =>
  platform === "win32" ? key.replace(/[A-Z]/g, (letter) => letter.toLowerCase()) : key;

/**
 * Looks a folder's keys up as Codex does: the first one that is there decides, whatever the others say. In what is written
 * a separator at the end does count: Codex 0.169.0 asks in `/work/repo` although `/work/repo/` is trusted.
 */
export const findEntry = (entries: TrustEntries, keys: readonly string[], platform: Platform): EntryFound => {
  const spelled = new Map([...entries].map(([key, level]) => [lookupKey(key, platform), level]));
  for (const key of keys) {
    const state = entries.get(key) ?? spelled.get(lookupKey(key, platform));
    if (state !== undefined) return { state, key };
  }
  return { state: "absent", key: null };
};
