import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reconcileSchedule } from "./reconcile-schedule.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const scheduled = (expectsClaim: boolean) => {
  let looks = 0;
  const schedule = reconcileSchedule(async () => void (looks += 1));
  schedule.expectClaim(expectsClaim);
  return { schedule, looks: () => looks };
};

const others = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what a container writes is looked at without a timer, and once for all that is told of at once", async () => {
  const { schedule, looks } = scheduled(false);
  schedule.soon();
  schedule.soon();
  expect(looks()).toBe(0);
  await others();
  expect(looks()).toBe(1);
  schedule.soon();
  await others();
  expect(looks()).toBe(2);
});

test("a claim waits for what comes after it, though not for long", async () => {
  const { schedule, looks } = scheduled(true);
  schedule.soon();
  await others();
  expect(looks()).toBe(0);
  schedule.soon();
  expect(looks()).toBe(1);
  schedule.expectClaim(true);
  schedule.soon();
  await vi.advanceTimersByTimeAsync(20);
  expect(looks()).toBe(2);
});

test("a later look takes no earlier one away", async () => {
  const { schedule, looks } = scheduled(false);
  schedule.at(Date.now() + 50);
  schedule.at(Date.now() + 60_000);
  await vi.advanceTimersByTimeAsync(100);
  expect(looks()).toBe(1);
  schedule.at(Date.now() + 60_000);
  schedule.at(Date.now() + 50);
  await vi.advanceTimersByTimeAsync(100);
  expect(looks()).toBe(2);
});

test("nothing is looked at once it is stopped", async () => {
  const { schedule, looks } = scheduled(false);
  schedule.at(Date.now() + 50);
  schedule.soon();
  schedule.stop();
  schedule.at(Date.now() + 50);
  await vi.advanceTimersByTimeAsync(100);
  await others();
  expect(looks()).toBe(0);
});
