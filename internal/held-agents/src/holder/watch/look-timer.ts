import type { Clock } from "@trust/dialog-engine";

/** The next look that is planned: the earliest of those that were asked for. */
export type LookTimer = {
  /** Looks at this time (ms on the clock), or earlier where an earlier look is planned. */
  readonly at: (time: number) => void;
  readonly clear: () => void;
};

export const createLookTimer = (clock: Clock, look: () => void): LookTimer => {
  let next = Number.POSITIVE_INFINITY;
  let stop = (): void => {};
  const clear = (): void => {
    stop();
    next = Number.POSITIVE_INFINITY;
  };
  return {
    at: (time) => {
      if (time >= next) return;
      clear();
      next = time;
      stop = clock.after(Math.max(0, time - clock.now()), look);
    },
    clear,
  };
};
