import { expect, test } from "vitest";
import { backoff } from "./backoff.ts";

test.each([
  { failures: 0, wait: 10 },
  { failures: 1, wait: 10 },
  { failures: 2, wait: 20 },
  { failures: 3, wait: 40 },
  { failures: 4, wait: 60 },
  { failures: 10_000, wait: 60 },
])("after $failures failures the next try waits $wait ms", ({ failures, wait }) =>
  expect(backoff({ first: 10, most: 60 }, failures)).toBe(wait),
);

test("each wait is longer by the factor", () =>
  expect([1, 2, 3].map((failures) => backoff({ first: 1, most: 99, factor: 4 }, failures))).toEqual([
    1, 4, 16,
  ]));
