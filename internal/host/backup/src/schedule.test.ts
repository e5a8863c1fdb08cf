import { describe, expect, test } from "vitest";
import { nextBackup, spanMs } from "./schedule.ts";

const hour = 3_600_000;
const day = 24 * hour;
/** A schedule of one day, set at 03:00 of day 0. */
const at = (days: number, hours = 3): number => days * day + hours * hour;
const daily = { everyMs: day, setAt: at(0), madeAt: null, failedAt: null };

describe("the next backup", () => {
  test.for([
    { what: "is made at once after the schedule is set", timing: {}, now: at(0), next: at(0) },
    { what: "is a step after the last", timing: { madeAt: at(4) }, now: at(4, 9), next: at(5) },
    {
      what: "keeps its time of day after a late one",
      timing: { madeAt: at(4, 9) },
      now: at(4, 10),
      next: at(5),
    },
    { what: "is not due a moment before its time", timing: { madeAt: at(4) }, now: at(5) - 1, next: at(5) },
    { what: "is due at its time", timing: { madeAt: at(4) }, now: at(5), next: at(5) },
    { what: "is due after days without a host", timing: { madeAt: at(4) }, now: at(9, 7), next: at(5) },
    { what: "is made once for these days", timing: { madeAt: at(9, 7) }, now: at(9, 8), next: at(10) },
    {
      what: "stays when the clock is set back a little",
      timing: { madeAt: at(4, 9) },
      now: at(4, 8),
      next: at(5),
    },
    {
      what: "is due when the clock is set back by days",
      timing: { madeAt: at(400) },
      now: at(4),
      next: at(4),
    },
    { what: "is due when the clock is set forth", timing: { madeAt: at(4) }, now: at(400), next: at(5) },
    { what: "is due before the time at which it was set", timing: {}, now: at(-9), next: at(-9) },
    { what: "has its steps before that time too", timing: { madeAt: at(-9) }, now: at(-9, 4), next: at(-8) },
    { what: "is made at once after a new setting", timing: { madeAt: at(-1) }, now: at(0), next: at(0) },
    {
      what: "is tried again an hour after a failure",
      timing: { failedAt: at(4) },
      now: at(4),
      next: at(4, 4),
    },
    {
      what: "is tried again sooner if it is a short schedule",
      timing: { failedAt: at(4), everyMs: 60_000 },
      now: at(4),
      next: at(4) + 60_000,
    },
    {
      what: "is tried at once if the failure is in the future",
      timing: { failedAt: at(40) },
      now: at(4),
      next: at(4),
    },
  ])("$what", ({ timing, now, next }) => {
    expect(nextBackup({ ...daily, ...timing }, now)).toBe(next);
  });
});

test.for([
  { text: "90m", ms: 90 * 60_000 },
  { text: "12h", ms: 12 * hour },
  { text: "1d", ms: day },
  { text: "2w", ms: 14 * day },
  ...["", "d", "0d", "1.5d", "1 d", "-1d", "1y", "10s", "00001d"].map((text) => ({ text, ms: null })),
])("the span $text is $ms ms", ({ text, ms }) => {
  expect(spanMs(text)).toBe(ms);
});
