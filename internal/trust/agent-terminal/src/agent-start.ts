import type { Consents, DriveLimits } from "@trust/dialog-engine";
import type { Environment } from "@gatehouse/std";

/** The inputs for starting an agent in a folder. Paths are absolute. */
export type AgentStart = {
  /** The CLI's executable. */
  readonly file: string;
  readonly cwd: string;
  /** The caller's environment; the agent runs as if the caller had started it. */
  readonly env: Environment;
  /** Includes the implied consents. */
  readonly consents: Consents;
  /** Time limits for the composer to appear. */
  readonly limits: DriveLimits;
  /** The CLI's own lock is beside this file. */
  readonly stateFile: string;
};
