import type { Platform } from "@trust/claude-state-probe";

/** Equal for two keys of one real path. Windows ignores letter case; macOS may not, so case is kept there as on Linux. */
export const comparisonOf = (configKey: string, platform: Platform): string =>
  platform === "win32" ? configKey.toLowerCase() : configKey;
