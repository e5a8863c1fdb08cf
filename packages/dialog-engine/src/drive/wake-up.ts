import type { Clock, Stop } from "../ports.ts";

/** One timer that can be set again. */
export type WakeUp = {
  /** Replaces the time that was set. `Infinity` clears it. */
  set(time: number): void;
  readonly stop: Stop;
};

/** Calls `run` at the time that was set last, in milliseconds on this clock. */
export const createWakeUp = (clock: Clock, run: () => void): WakeUp => {
  let setFor: number | null = null;
  let stopTimer: Stop | undefined;
  const ring = (): void => {
    setFor = null;
    run();
  };
  return {
    // A program that writes much asks for the same time with each piece of output; the timer is kept then.
    set: (time) => {
      if (time === setFor) return;
      stopTimer?.();
      setFor = time;
      stopTimer = Number.isFinite(time) ? clock.after(Math.max(0, time - clock.now()), ring) : undefined;
    },
    stop: () => stopTimer?.(),
  };
};
