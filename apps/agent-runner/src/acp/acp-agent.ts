import type { ProviderPlace } from "../provider.ts";

/** An agent that speaks the Agent Client Protocol: how it is started. To add one, add a file with such a value. */
export type AcpAgent = {
  /** The provider's name in the configuration. */
  readonly name: string;
  /** Writes the agent's own files below the workload's `out`, and returns how it is started. */
  readonly prepare: (place: ProviderPlace) => Promise<AcpLaunch>;
  /** How long a tool may take as the agent sees it, ms, with time for its own work around it; null if it does not say. */
  readonly toolTimeMs: (tool: string, input: unknown) => number | null;
};

/** The command, folder and environment of one process of an agent. */
export type AcpLaunch = {
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command with which a person installs the program. */
  readonly install: string;
};
