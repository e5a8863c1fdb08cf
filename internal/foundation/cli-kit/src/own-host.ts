import type { Io } from "./io.ts";

/** Runs a command, unless the host belongs to another account: then it prints the error and returns 1. */
export type OnOwnHost = (
  flags: { readonly data?: string; readonly json?: boolean },
  io: Io,
  act: () => Promise<number>,
) => Promise<number>;
