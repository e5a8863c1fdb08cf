import process from "node:process";

/** A signal that aborts when somebody wants this process to end, and which of the ways it was. */
export type Interruptible = {
  readonly signal: AbortSignal;
  endedBy(): NodeJS.Signals | null;
};

/** What ends a program of ours, unless it gives one of them another meaning. */
export const endingSignals: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** From here on these signals no longer end the process at once: whoever works has the time to clean up. */
export const interruptible = (names: readonly NodeJS.Signals[] = endingSignals): Interruptible => {
  const controller = new AbortController();
  let by: NodeJS.Signals | null = null;
  for (const name of names) {
    process.on(name, () => {
      by ??= name;
      controller.abort();
    });
  }
  return { signal: controller.signal, endedBy: () => by };
};
