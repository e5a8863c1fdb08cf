import { performance } from "node:perf_hooks";
import type { Clock } from "../ports.ts";

/** Node runs a timer at once if its delay is longer than this (ms, 24 days). */
const furthest = 2 ** 31 - 1;

/**
 * The machine's monotonic clock. A pending timer keeps the process alive. A timer for later than 24 days runs
 * after 24 days.
 */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, Math.min(milliseconds, furthest));
    return () => clearTimeout(timer);
  },
};
