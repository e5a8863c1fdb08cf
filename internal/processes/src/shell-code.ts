import type { Exit } from "./running-agent.ts";

/** A program's end as a shell reports it: its exit code, or 128 plus the number of the signal that ended it. */
export const shellCode = ({ exitCode, signal }: Exit): number =>
  signal === undefined ? exitCode : 128 + signal;
