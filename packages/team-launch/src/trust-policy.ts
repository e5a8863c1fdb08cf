import type { ViaChoice } from "@trust/preflight";
import type { LaunchFlags } from "./flags.ts";

/**
 * What the flags of a launch come to, where trust is prepared at all: see `trustScope`. Each field can be
 * rolled back by its flag alone.
 */
export type TrustPolicy = {
  /** Codex's trust is added to the arguments of the launch. */
  readonly passesSettings: boolean;
  /** For preflight. `control`: no terminal is opened, so no key can be pressed. */
  readonly via: ViaChoice;
  readonly retries: 0 | 1;
  readonly locks: "between-processes" | "this-process";
  readonly keepsScreen: boolean;
};

/**
 * The policy of a launch. `allowUnprotectedClaude` changes nothing: preflight has no unprotected way, and a
 * Claude Code that is too old for the protected one stays `cli-too-old`.
 */
export const trustPolicy = (flags: LaunchFlags): TrustPolicy => ({
  passesSettings: flags.codexSettings,
  via: flags.claudePty ? "auto" : "control",
  retries: flags.preflight && flags.retry ? 1 : 0,
  locks: flags.fileLock ? "between-processes" : "this-process",
  keepsScreen: flags.debug,
});
