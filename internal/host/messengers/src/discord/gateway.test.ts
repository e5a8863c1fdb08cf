import { expect, test } from "vitest";
import { tooEarly } from "./gateway.ts";

const [hour, day] = [3_600_000, 86_400_000];

test.for([
  { remaining: 1_000, reset: day, since: 0, waits: null },
  { remaining: 501, reset: day, since: 0, waits: null },
  // 480 are left without the spare ones: one in three minutes lasts for a day.
  { remaining: 500, reset: day, since: 0, waits: 180_000 },
  { remaining: 500, reset: day, since: 60_000, waits: 120_000 },
  { remaining: 500, reset: day, since: 180_000, waits: null },
  { remaining: 500, reset: hour, since: 0, waits: 7_500 },
  { remaining: 21, reset: hour, since: 0, waits: hour },
  { remaining: 21, reset: hour, since: Infinity, waits: null },
  { remaining: 20, reset: 60_000, since: Infinity, waits: 60_000 },
  { remaining: 0, reset: day, since: Infinity, waits: hour },
  { remaining: 0, reset: 0, since: Infinity, waits: 5_000 },
])(
  "with $remaining of 1,000 sessions for $reset ms, $since ms after the last one, the next one waits $waits ms",
  ({ remaining, reset, since, waits }) => {
    const late = tooEarly({ total: 1_000, remaining, reset_after: reset }, since);
    expect(late?.retryAfterMs ?? null).toBe(waits);
  },
);
