import type { Result } from "@gatehouse/std";
import { versionAtLeast, type Platform } from "@trust/claude-state-probe";
import type { Launch } from "../verdict.ts";

const levels = ["TRUST_FOLDER", "TRUST_PARENT", "DO_NOT_TRUST"] as const;
type Level = (typeof levels)[number];

/** One entry of trustedFolders.json. */
export type GeminiRule = {
  /** The key as written; for `TRUST_PARENT` it is the child, and the rule applies to the folder above it. */
  readonly key: string;
  readonly level: Level;
};

const isLevel = (value: unknown): value is Level => levels.some((level) => level === value);

/**
 * The entries of a parsed trustedFolders.json. Gemini refuses to start if it does not know a trust level
 * (0.61.0).
 */
export const geminiRules = (parsed: unknown): Result<readonly GeminiRule[], string> => {
  if (typeof parsed !== "object" || parsed === null || Array.isArray(parsed))
    return { ok: false, error: "It is no JSON object." };
  const rules: GeminiRule[] = [];
  for (const [key, level] of Object.entries(parsed)) {
    if (!isLevel(level))
      return { ok: false, error: `Its entry for ${key} is not one of ${levels.join(", ")}.` };
    rules.push({ key, level });
  }
  return { ok: true, value: rules };
};

/** A rule and the folder that it applies to, links followed. */
export type PlacedRule = GeminiRule & { readonly covers: string };

/** The path with `/` as separator. Except on Windows, a backslash is a letter. */
export const withSlashes = (path: string, platform: Platform): string =>
  platform === "win32" ? path.replaceAll("\\", "/") : path;

/** True if a real path is `above` or below it, compared letter by letter, so a rule never trusts more. */
export const isWithin = (folder: string, above: string, platform: Platform): boolean => {
  const [below, top] = [withSlashes(folder, platform), withSlashes(above, platform)];
  return below === top || below.startsWith(top.endsWith("/") ? top : `${top}/`);
};

/** The rule that decides about a folder's real path: the one with the longest key as written (0.61.0). */
export const decidingRule = (
  rules: readonly PlacedRule[],
  real: string,
  platform: Platform,
): PlacedRule | null =>
  rules
    .filter(({ covers }) => isWithin(real, covers, platform))
    .reduce<PlacedRule | null>(
      (longest, rule) => (rule.key.length > (longest?.key.length ?? -1) ? rule : longest),
      null,
    );

/** The flag only sets this variable. Both came in the same version: 0.38.2 has neither, 0.39.1 has both. */
export const geminiTrustVariable = "GEMINI_CLI_TRUST_WORKSPACE";
const skipTrustSince = "0.39.1";

/** A launch that trusts its own folder. An unknown flag makes Gemini exit; an unknown variable does not. */
export const geminiLaunch = (version: string | null): Launch => ({
  settings: null,
  args: version !== null && versionAtLeast(version, skipTrustSince) ? ["--skip-trust"] : [],
  env: { [geminiTrustVariable]: "true" },
});
