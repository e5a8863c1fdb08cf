import { setMaxListeners } from "node:events";
import process from "node:process";

/** An abort signal for the whole process, and the signal that caused the abort. */
export type Interruptible = {
  readonly signal: AbortSignal;
  endedBy(): NodeJS.Signals | null;
};

/** The signals that end a program, unless it gives one of them another meaning. */
export const endingSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** Turns these signals into an abort, so that running work has time to clean up. */
export const interruptible = (names: readonly NodeJS.Signals[] = endingSignals): Interruptible => {
  const controller = new AbortController();
  // Each running agent or folder adds a listener. Node warns of a leak above ten.
  setMaxListeners(0, controller.signal);
  let by: NodeJS.Signals | null = null;
  for (const name of names) {
    process.on(name, () => {
      by ??= name;
      controller.abort();
    });
  }
  return { signal: controller.signal, endedBy: () => by };
};
