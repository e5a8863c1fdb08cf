import process from "node:process";

/** A signal that aborts when somebody wants this process to end, and which of the ways it was. */
export type Interruptible = {
  readonly signal: AbortSignal;
  endedBy(): NodeJS.Signals | null;
};

/** From here on SIGINT, SIGTERM and SIGHUP no longer end the process at once: whoever works has the time to clean up. */
export const interruptible = (): Interruptible => {
  const controller = new AbortController();
  let by: NodeJS.Signals | null = null;
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(name, () => {
      by ??= name;
      controller.abort();
    });
  }
  return { signal: controller.signal, endedBy: () => by };
};
