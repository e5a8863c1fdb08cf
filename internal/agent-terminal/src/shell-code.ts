import type { TerminalExit } from "@trust/dialog-engine";

/** A program's end as a shell tells it: its exit code, or 128 and the number of the signal that ended it. */
export const shellCode = ({ exitCode, signal }: TerminalExit): number =>
  signal === undefined ? exitCode : 128 + signal;
