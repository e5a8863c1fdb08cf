import { describe, expect, test } from "vitest";
import { readDuration, readSchedule, type Schedule, type TypedSchedule } from "./schedule.ts";
import { cadence, missedText, scheduleMessage } from "./schedule-messages.ts";

const now = Date.parse("2026-11-30T09:00:00Z");
const zone = "Europe/Berlin";

describe("a schedule in words", () => {
  const every = (ms: number): Schedule => ({ kind: "every", every: ms, from: now, zone });
  const cron = (expression: string): Schedule => ({ kind: "cron", expression, zone });
  test.each<[Schedule, string]>([
    [{ kind: "at", at: now, zone }, "once, Mon 2026-11-30 10:00 (Europe/Berlin)"],
    [every(60_000), "every minute"],
    [every(5_400_000), "every 90 minutes"],
    [every(7_200_000), "every 2 hours"],
    [every(86_400_000), "every day"],
    [every(90_000), "every 90 seconds"],
    [cron("0 8 * * 1-5"), "At 08:00, Monday through Friday (Europe/Berlin)"],
    [cron("*/15 * * * *"), "Every 15 minutes (Europe/Berlin)"],
    [cron("@daily"), "At 00:00 (Europe/Berlin)"],
    [cron("0 8 13 * 5"), "At 08:00, on day 13 of the month, and on Friday (Europe/Berlin)"],
    [cron("0 8 1-7 * +1"), "cron 0 8 1-7 * +1 (Europe/Berlin)"],
  ])("%j", (schedule, words) => {
    expect(cadence(schedule)).toBe(words);
  });
});

describe("a schedule that is refused", () => {
  test.each<[TypedSchedule, string]>([
    [{}, "A task needs one of --at TIME, --every DURATION and --cron EXPRESSION."],
    [
      { at: "8pm" },
      '--at is a time such as 08:00 or 2026-12-01T08:00, in Europe/Berlin unless it ends with an offset such as +01:00 or Z: not "8pm".',
    ],
    [{ at: "2026-02-30T08:00" }, 'No calendar has the time "2026-02-30T08:00" (--at).'],
    [
      { at: "2026-11-30T09:59" },
      'The time "2026-11-30T09:59" (--at) has passed: it is Mon 2026-11-30 10:00 (Europe/Berlin). Name a later one.',
    ],
    [{ every: "often" }, '--every is a duration such as 90m, 2h or 7d: not "often".'],
    [{ every: "30s" }, '--every is at least a minute (1m): not "30s".'],
    [{ every: "400d" }, '--every is at most 366 days (366d): not "400d".'],
    [
      { cron: "0 0 8 * * *" },
      '--cron has five fields, without seconds and years: minute, hour, day of month, month, day of week, such as "0 8 * * 1-5". Leave fields out of "0 0 8 * * *".',
    ],
    [{ cron: "0 8 30 2 *" }, '"0 8 30 2 *" (--cron) never comes: no month has such a day.'],
    [
      { cron: "60 8 * * *" },
      '--cron cannot read the minute "60" in "60 8 * * *": it is 0 to 59; also a list (1,3), a range (1-5), a step (*/2), or * for any.',
    ],
    [
      { cron: "0 8 0 * *" },
      '--cron cannot read the day of month "0" in "0 8 0 * *": it is 1 to 31, or L for the last; also a list (1,3), a range (1-5), a step (*/2), or * for any.',
    ],
    [
      { cron: "0 8 * *" },
      '--cron has five fields: minute, hour, day of month, month, day of week, such as "0 8 * * 1-5". Add what "0 8 * *" lacks; * is any.',
    ],
    [
      { cron: "@reboot" },
      '--cron cannot read "@reboot". It is @hourly, @daily, @weekly, @monthly, @yearly, or five fields: minute, hour, day of month, month, day of week, such as "0 8 * * 1-5".',
    ],
  ])("%j", (typed, message) => {
    const read = readSchedule(typed, { zone, now });
    expect(read.ok ? "" : scheduleMessage(read.error)).toBe(message);
  });

  test("names the zone, and --within", () => {
    const read = readSchedule({ at: "08:00" }, { zone: "Mars/Base", now });
    expect(read.ok ? "" : scheduleMessage(read.error)).toBe(
      "\"Mars/Base\" is not a timezone's IANA name, such as Europe/Berlin: set the group's with ncl groups config update --timezone.",
    );
    const within = readDuration("within", "soon");
    expect(within.ok ? "" : scheduleMessage(within.error)).toBe(
      '--within is a duration such as 90m, 2h or 7d: not "soon".',
    );
  });
});

test.each([
  [1, "1 run was missed: Mon 2026-11-30 10:00 (Europe/Berlin)."],
  [50, "50 runs were missed: Mon 2026-11-30 10:00 to Wed 2026-12-02 10:00 (Europe/Berlin)."],
  [1000, "1,000 or more runs were missed: Mon 2026-11-30 10:00 to Wed 2026-12-02 10:00 (Europe/Berlin)."],
])("%d missed times in words", (count, words) => {
  expect(missedText({ count, first: now, last: now + 2 * 86_400_000 }, zone)).toBe(words);
});
