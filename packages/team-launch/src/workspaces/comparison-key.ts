import { keyOf, type Platform } from "@trust/claude-state-probe";

/**
 * Equal for two spellings of one real path. Windows ignores letter case; on macOS it may matter, so that case
 * is kept there as on Linux, and names are composed (NFC).
 */
export const comparisonKey = (real: string, platform: Platform): string =>
  comparisonOf(keyOf(real, platform), platform);

/** The same from the key that the runtime's configuration has. */
export const comparisonOf = (configKey: string, platform: Platform): string =>
  platform === "win32" ? configKey.toLowerCase() : configKey;

/** `/`, the root of a drive, or of a share. */
export const isRoot = (key: string): boolean => /^(?:\/|[a-z]:\/?|\/\/[^/]+\/[^/]+\/?)$/i.test(key);
