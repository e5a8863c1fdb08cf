import { keyOf, type Platform } from "@trust/claude-state-probe";

/**
 * Equal for two spellings of one real path. Windows ignores letter case; on macOS it may matter, so that case
 * is kept there as on Linux, and names are composed (NFC).
 */
export const comparisonKey = (real: string, platform: Platform): string => {
  const key = keyOf(real, platform);
  return platform === "win32" ? key.toLowerCase() : key;
};

/** `/`, the root of a drive, or of a share. */
export const isRoot = (key: string): boolean => /^(?:\/|[a-z]:\/?|\/\/[^/]+\/[^/]+\/?)$/i.test(key);
