import type { Exit } from "./running-agent.ts";

/**
 * The exit code that a shell reports: the program's own, or 128 plus the number of the signal that ended it.
 */
export const shellCode = ({ exitCode, signal }: Exit): number =>
  signal === undefined ? exitCode : 128 + signal;
