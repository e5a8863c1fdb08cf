import type { Clock } from "@trust/dialog-engine";
import { expect, test } from "vitest";
import { createUpdateTimer } from "./update-timer.ts";

/** A clock whose timers ring only when the test calls `ring`, at any delay. */
const heldUpClock = () => {
  let now = 0;
  const timers: { readonly at: number; readonly call: () => void }[] = [];
  const clock: Clock = {
    now: () => now,
    after: (ms, call) => {
      const timer = { at: now + ms, call };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  };
  return {
    clock,
    waits: () => timers.map(({ at }) => at),
    ring: (at: number) => {
      now = at;
      timers.shift()?.call();
    },
  };
};

const timer = () => {
  const held = heldUpClock();
  const reads: number[] = [];
  return { ...held, reads, timer: createUpdateTimer(held.clock, () => reads.push(held.clock.now())) };
};

test("the update timer rings at the earliest of all requested times", () => {
  const { timer: timerOf, waits, ring, reads } = timer();
  for (const time of [300, 100, 200]) timerOf.at(time);
  expect(waits()).toEqual([100]);
  ring(101);
  expect(reads).toEqual([101]);
});

test("an update timer that was held up lets the process read the arrived output first", () => {
  const { timer: timerOf, waits, ring, reads } = timer();
  timerOf.at(100);
  ring(3_000);
  expect(reads).toEqual([]);
  expect(waits()).toEqual([3_000]);
  ring(3_001);
  expect(reads).toEqual([3_001]);
});

test("the update timer rings at a time that was requested after the last ring", () => {
  const { timer: timerOf, waits, ring, reads } = timer();
  timerOf.at(100);
  ring(100);
  timerOf.at(125);
  expect(waits()).toEqual([125]);
  ring(125);
  expect(reads).toEqual([100, 125]);
});
