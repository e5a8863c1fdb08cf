import { expect, test } from "vitest";
import { frameRate, rateLimits } from "./frame-rate.ts";

test("a burst of frames passes, and the next frame waits", () => {
  const rate = frameRate(0);
  for (let count = 0; count < rateLimits.burst; count += 1) expect(rate.spend(10, 0)).toBe(0);
  expect(rate.spend(10, 0)).toBe(1_000 / rateLimits.perSecond);
});

test("room returns with time, up to one burst", () => {
  const rate = frameRate(0);
  for (let count = 0; count < rateLimits.burst; count += 1) rate.spend(10, 0);
  for (let count = 0; count < rateLimits.perSecond; count += 1) expect(rate.spend(10, 1_000)).toBe(0);
  expect(rate.spend(10, 1_000)).toBeGreaterThan(0);
  for (let count = 0; count < rateLimits.burst; count += 1) expect(rate.spend(10, 3_600_000)).toBe(0);
  expect(rate.spend(10, 3_600_000)).toBeGreaterThan(0);
});

test("a long frame costs as much as many short ones", () => {
  const rate = frameRate(0);
  const large = 2 ** 20;
  const most = Math.floor(rateLimits.burst / (1 + large / rateLimits.unitBytes));
  for (let count = 0; count < most; count += 1) expect(rate.spend(large, 0)).toBe(0);
  expect(rate.spend(large, 0)).toBeGreaterThan(0);
});
