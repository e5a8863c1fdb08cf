/** The switches of a launch, each of which can be turned off alone. Effective values, as the artifact has them. */
export type LaunchFlags = {
  /** Trust is prepared at all. Off: no plan, no patch, no step of it. */
  readonly preflight: boolean;
  /** Codex gets its trust in the settings of the launch. */
  readonly codexSettings: boolean;
  /** Claude Code's dialog may be answered in a PTY. Off: its control protocol alone. */
  readonly claudePty: boolean;
  /** Claude Code may be started without the protected flags where it does not know them. */
  readonly allowUnprotectedClaude: boolean;
  /** A launch that failed for want of trust is tried once more. */
  readonly retry: boolean;
  /** Locks hold between processes. Off: within this process only. */
  readonly fileLock: boolean;
  /** The screen is kept with a failure. */
  readonly debug: boolean;
};

/** The values without any variable. */
export const defaultFlags: LaunchFlags = {
  preflight: true,
  codexSettings: true,
  claudePty: true,
  allowUnprotectedClaude: false,
  retry: false,
  fileLock: true,
  debug: false,
};
