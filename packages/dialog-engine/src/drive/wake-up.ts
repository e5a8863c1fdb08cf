import type { Clock, Stop } from "../ports.ts";
import { pace } from "./pace.ts";

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
  // A program that writes much requests the same time with each piece of output. The timer is kept then.
  const set = (time: number): void => {
    if (time === setFor) return;
    stopTimer?.();
    setFor = time;
    const wait = Math.max(0, time - clock.now());
    stopTimer = Number.isFinite(time) ? clock.after(wait, () => ring(time)) : undefined;
  };
  // This process was stopped if it is late: output may have arrived meanwhile. Node runs a timer that is due before
  // it reads, so the timer is set once more; otherwise a key could answer a screen that is no longer shown. It never
  // becomes more patient: when it did, an Enter met a pointer that had moved, among many busy processes
  // (`restless-pointer` of the hostile programs).
  const ring = (time: number): void => {
    setFor = null;
    const now = clock.now();
    if (now - time > pace.lateMs) set(now);
    else run();
  };
  return { set, stop: () => stopTimer?.() };
};
