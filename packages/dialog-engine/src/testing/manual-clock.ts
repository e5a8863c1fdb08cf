import type { Clock } from "../ports.ts";

/** A clock that only moves when the test advances it, so every wait takes as long as the test says. */
export type ManualClock = Clock & {
  /** Advances by this many milliseconds, and runs the timers that are due, in order. */
  advance(milliseconds: number): void;
  /**
   * Advances from timer to timer until the promise settles; throws if that takes longer than `maxMs` on this
   * clock.
   */
  runUntil<T>(promise: Promise<T>, maxMs?: number): Promise<T>;
};

type Timer = { readonly at: number; readonly order: number; readonly run: () => void };

export const createManualClock = (): ManualClock => {
  const timers = new Set<Timer>();
  let time = 0;
  let order = 0;

  const next = (): Timer | undefined => [...timers].sort((a, b) => a.at - b.at || a.order - b.order)[0];
  const fire = (timer: Timer): void => {
    timers.delete(timer);
    time = Math.max(time, timer.at);
    timer.run();
  };

  return {
    now: () => time,
    after: (milliseconds, run) => {
      const timer = { at: time + Math.max(0, milliseconds), order: order++, run };
      timers.add(timer);
      return () => timers.delete(timer);
    },
    advance: (milliseconds) => {
      const until = time + milliseconds;
      for (let timer = next(); timer && timer.at <= until; timer = next()) fire(timer);
      time = until;
    },
    runUntil: async (promise, maxMs = 120_000) => {
      let isSettled = false;
      const settled = promise.finally(() => {
        isSettled = true;
      });
      const until = time + maxMs;
      for (;;) {
        await turnOfPromises();
        if (isSettled) return settled;
        const timer = next();
        if (!timer || timer.at > until) throw new Error(`not settled at ${time} ms: no timer is due by then`);
        fire(timer);
      }
    },
  };
};

/** Lets continuations of settled promises run: there are a few between a run's end and its caller. */
const turnOfPromises = async (): Promise<void> => {
  for (let link = 0; link < 6; link += 1) await Promise.resolve();
};
