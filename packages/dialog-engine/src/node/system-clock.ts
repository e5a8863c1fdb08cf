import { performance } from "node:perf_hooks";
import type { Clock } from "../ports.ts";

/** Node runs a timer that is set for later than this (ms, 24 days) at once. */
const furthest = 2 ** 31 - 1;

/** The machine's monotonic clock. A pending timer keeps the process alive; one further away than 24 days runs then. */
export const systemClock: Clock = {
  now: () => performance.now(),
  after: (milliseconds, run) => {
    const timer = setTimeout(run, Math.min(milliseconds, furthest));
    return () => clearTimeout(timer);
  },
};
