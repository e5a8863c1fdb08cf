import type { Consents } from "@trust/dialog-engine";
import type { Environment } from "@gatehouse/std";

/** What is needed to start an agent in a folder. Paths are absolute. */
export type AgentStart = {
  /** The CLI's executable. */
  readonly file: string;
  readonly cwd: string;
  /** The caller's own, so that the agent runs as if the caller had started it. */
  readonly env: Environment;
  /** With the implied ones. */
  readonly consents: Consents;
  /** Until the composer must stand; milliseconds. */
  readonly timeoutMs: number;
  /** Beside it stands the CLI's own lock. */
  readonly stateFile: string;
};
