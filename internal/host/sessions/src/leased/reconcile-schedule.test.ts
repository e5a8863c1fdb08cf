import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { reconcileSchedule } from "./reconcile-schedule.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const scheduled = (expectsClaim: boolean) => {
  let passes = 0;
  const schedule = reconcileSchedule(async () => void (passes += 1));
  schedule.expectClaim(expectsClaim);
  return { schedule, passes: () => passes };
};

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("several signals of one commit cause one pass, without a timer", async () => {
  const { schedule, passes } = scheduled(false);
  schedule.soon();
  schedule.soon();
  expect(passes()).toBe(0);
  await nextTurn();
  expect(passes()).toBe(1);
  schedule.soon();
  await nextTurn();
  expect(passes()).toBe(2);
});

test("a claim waits for the next commit of its container, but at most 20 ms", async () => {
  const { schedule, passes } = scheduled(true);
  schedule.soon();
  await nextTurn();
  expect(passes()).toBe(0);
  schedule.soon();
  expect(passes()).toBe(1);
  schedule.expectClaim(true);
  schedule.soon();
  await vi.advanceTimersByTimeAsync(20);
  expect(passes()).toBe(2);
});

test("a later time does not replace an earlier one", async () => {
  const { schedule, passes } = scheduled(false);
  schedule.at(Date.now() + 50);
  schedule.at(Date.now() + 60_000);
  await vi.advanceTimersByTimeAsync(100);
  expect(passes()).toBe(1);
  schedule.at(Date.now() + 60_000);
  schedule.at(Date.now() + 50);
  await vi.advanceTimersByTimeAsync(100);
  expect(passes()).toBe(2);
});

test("no pass starts after stop", async () => {
  const { schedule, passes } = scheduled(false);
  schedule.at(Date.now() + 50);
  schedule.soon();
  schedule.stop();
  schedule.at(Date.now() + 50);
  await vi.advanceTimersByTimeAsync(100);
  await nextTurn();
  expect(passes()).toBe(0);
});
