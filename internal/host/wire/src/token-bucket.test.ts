import { expect, test } from "vitest";
import { tokenBucket } from "./token-bucket.ts";

const limits = { perSecond: 20, burst: 50 };

test("lets a burst pass, and names the time that the next unit misses", () => {
  const bucket = tokenBucket(limits, 0);
  for (let count = 0; count < limits.burst; count += 1) expect(bucket.spend(1, 0)).toBe(0);
  expect(bucket.left(0)).toBe(0);
  expect(bucket.spend(1, 0)).toBe(1_000 / limits.perSecond);
  expect(bucket.spend(10, 0)).toBe(11_000 / limits.perSecond);
});

test("fills with time, up to one burst", () => {
  const bucket = tokenBucket(limits, 0);
  bucket.spend(limits.burst, 0);
  expect(bucket.left(1_000)).toBe(limits.perSecond);
  expect(bucket.left(3_600_000)).toBe(limits.burst);
});
