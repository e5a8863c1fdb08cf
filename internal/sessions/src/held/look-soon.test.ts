import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lookAt, lookSoon, type HeldSession } from "./held-session.ts";

beforeEach(() => void vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] }));
afterEach(() => void vi.useRealTimers());

const held = (expectsClaim: boolean) => {
  let looks = 0;
  const look = async (): Promise<void> => void (looks += 1);
  const session = {
    ...{ cancelSoon: null, timer: undefined, timerAt: 0, isOver: false },
    ...{ expectsClaim, look },
  } as unknown as HeldSession;
  return { session, looks: () => looks };
};

const others = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test("what a container writes is looked at without a timer, and once for all that is told of at once", async () => {
  const { session, looks } = held(false);
  lookSoon(session);
  lookSoon(session);
  expect(looks()).toBe(0);
  await others();
  expect(looks()).toBe(1);
  lookSoon(session);
  await others();
  expect(looks()).toBe(2);
});

test("a claim waits for what comes after it, though not for long", async () => {
  const { session, looks } = held(true);
  lookSoon(session);
  await others();
  expect(looks()).toBe(0);
  lookSoon(session);
  expect(looks()).toBe(1);
  session.expectsClaim = true;
  lookSoon(session);
  await vi.advanceTimersByTimeAsync(20);
  expect(looks()).toBe(2);
});

test("a later look takes no earlier one away", async () => {
  const { session, looks } = held(false);
  lookAt(session, Date.now() + 50);
  lookAt(session, Date.now() + 60_000);
  await vi.advanceTimersByTimeAsync(100);
  expect(looks()).toBe(1);
  lookAt(session, Date.now() + 60_000);
  lookAt(session, Date.now() + 50);
  await vi.advanceTimersByTimeAsync(100);
  expect(looks()).toBe(2);
});
