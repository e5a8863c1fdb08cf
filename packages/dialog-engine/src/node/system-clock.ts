import { performance } from "node:perf_hooks";
import type { Clock } from "../ports.ts";

/** The machine's monotonic clock. A pending timer keeps the process alive. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, milliseconds);
    return () => clearTimeout(timer);
  },
};
