import type { Provider } from "@trust/preflight";
import type { LaunchFlags } from "./flags.ts";

/**
 * The policy of a launch that prepares trust (see `trustScope`), from its flags. Each field can be rolled back by its
 * flag alone.
 */
export type TrustPolicy = {
  /**
   * Providers whose trust is left alone: nothing is planned, asked, passed or recorded for them. Their agents may ask in
   * a new folder.
   */
  readonly leaves: readonly Provider[];
  readonly retries: 0 | 1;
  readonly locks: "between-processes" | "this-process";
  readonly keepsScreen: boolean;
};

/**
 * The policy of a launch. `allowUnprotectedClaude` changes nothing: preflight has no unprotected way, and a Claude Code
 * that is too old for the protected way stays `cli-too-old`.
 */
export const trustPolicy = (flags: LaunchFlags): TrustPolicy => ({
  leaves: [
    ...(flags.claudePty ? [] : (["claude"] as const)),
    ...(flags.codexSettings ? [] : (["codex"] as const)),
  ],
  retries: flags.preflight && flags.retry ? 1 : 0,
  locks: flags.fileLock ? "between-processes" : "this-process",
  keepsScreen: flags.debug,
});
