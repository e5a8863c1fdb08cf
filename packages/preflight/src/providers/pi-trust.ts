import type { Result } from "@gatehouse/std";
import { versionAtLeast, type Platform } from "@trust/claude-state-probe";
import type { Launch } from "../verdict.ts";
import { isWithin } from "./gemini-trust.ts";

/** The first version with a trust dialog, and with `--approve`; 0.78.1 has neither, and exits on the flag. */
const asksSince = "0.79.0";
/** 0.79.0 reads only the folder's own entry; since 0.79.1 the nearest entry above it counts too. */
const parentsSince = "0.79.1";
/** Before this version any `.pi` folder made pi ask, and in 0.79.0 also instructions such as AGENTS.md. */
const resourcesSince = "0.79.3";

/** True if a pi of this version asks in no folder at all. */
export const neverAsks = (version: string | null): boolean =>
  version !== null && !versionAtLeast(version, asksSince);

/** True if pi asks only if a folder brings resources, not for a bare `.pi` or for instructions. */
export const asksForResourcesOnly = (version: string | null): boolean =>
  version !== null && versionAtLeast(version, resourcesSince);

/** The entries below `.pi` that make pi ask: settings, code that it runs, and texts for the model (1.5.2). */
export const piResources: readonly string[] = [
  ...["settings.json", "mcp.json", "extensions", "skills", "prompts", "themes"],
  ...["SYSTEM.md", "APPEND_SYSTEM.md"],
];

/** The instructions that made 0.79.0 ask, in the folder and in each one above it. */
export const instructionFiles: readonly string[] = ["AGENTS.md", "AGENTS.MD", "CLAUDE.md", "CLAUDE.MD"];

/** A folder's entry in trust.json. */
export type PiEntry = { readonly key: string; readonly isTrusted: boolean };

/** The entries of a parsed trust.json. pi does not start if the file contains anything else (0.79.0, 1.5.2). */
export const piEntries = (parsed: unknown): Result<readonly PiEntry[], string> => {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return { ok: false, error: "It is no JSON object." };
  const entries: PiEntry[] = [];
  for (const [key, value] of Object.entries(parsed) as [string, unknown][]) {
    if (value === null) continue;
    if (typeof value !== "boolean")
      return { ok: false, error: `Its entry for ${key} is not true, false or null.` };
    entries.push({ key, isTrusted: value });
  }
  return { ok: true, value: entries };
};

/**
 * The entry that decides about a folder's real path: its own, or the entry of the nearest folder above it. 0.79.0 reads
 * only the folder's own entry; a refusal above it is respected even then.
 */
export const piDecidingEntry = (
  entries: readonly PiEntry[],
  real: string,
  { version, platform }: { readonly version: string | null; readonly platform: Platform },
): PiEntry | null => {
  const nearest = entries
    .filter(({ key }) => isWithin(real, key, platform))
    .reduce<PiEntry | null>(
      (longest, entry) => (entry.key.length > (longest?.key.length ?? -1) ? entry : longest),
      null,
    );
  const readsParents = version !== null && versionAtLeast(version, parentsSince);
  return nearest?.isTrusted && nearest.key !== real && !readsParents ? null : nearest;
};

/** The user's own setting for folders without an entry; pi asks by default. */
export const defaultTrust = (settings: unknown): "always" | "never" | "ask" => {
  if (typeof settings !== "object" || settings === null) return "ask";
  const value: unknown = Reflect.get(settings, "defaultProjectTrust");
  return value === "always" || value === "never" ? value : "ask";
};

/** A launch that trusts its own folder and records nothing. */
export const piLaunch: Launch = { settings: null, args: ["--approve"], env: {} };

/**
 * Arguments for a pi that should only ask. Right after the answer pi loads a trusted folder's extensions and packages;
 * with these arguments it loads none (0.79.0, 0.87.1). The dialog is the same.
 */
export const piAskedArgs: readonly string[] = [
  ...["--no-extensions", "--no-skills", "--no-prompt-templates", "--no-themes"],
  ...["--no-context-files", "--no-tools", "--no-session", "--offline"],
];
