/** The time functions that the runner needs. */
export type Clock = {
  /** ISO 8601, UTC. */
  readonly now: () => string;
  /** Calls back once after this many milliseconds. Returns a function that cancels it. */
  readonly after: (ms: number, call: () => void) => () => void;
};

export const systemClock: Clock = {
  now: () => new Date().toISOString(),
  after: (ms, call) => {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};
