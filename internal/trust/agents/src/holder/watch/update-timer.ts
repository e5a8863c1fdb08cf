import type { Clock } from "@trust/dialog-engine";

/** A timer for the next reading of the screen: of all requested times the earliest counts. */
export type UpdateTimer = {
  /** Reads at this time (ms on the clock), or at an earlier time that was requested. */
  readonly at: (time: number) => void;
  readonly clear: () => void;
};

/** A timer that is later than this, ms, was held up. */
const lateMs = 5;

export const createUpdateTimer = (clock: Clock, update: () => void): UpdateTimer => {
  let next = Number.POSITIVE_INFINITY;
  let stop = (): void => {};
  const clear = (): void => {
    stop();
    next = Number.POSITIVE_INFINITY;
  };
  const at = (time: number): void => {
    if (time >= next) return;
    clear();
    next = time;
    stop = clock.after(Math.max(0, time - clock.now()), () => ring(time));
  };
  // This process was stopped if it is late: output may have arrived meanwhile. Node runs a timer that is due before it
  // reads, so the timer is set once more; otherwise a key could answer a screen that is no longer shown.
  const ring = (time: number): void => {
    // A reading that has to wait for the screen clears nothing: the next request must count.
    next = Number.POSITIVE_INFINITY;
    const now = clock.now();
    if (now - time <= lateMs) update();
    else at(now);
  };
  return { at, clear };
};
