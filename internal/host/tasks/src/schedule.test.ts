import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  nextTimes,
  occurrencesOf,
  readDuration,
  readSchedule,
  type Schedule,
  type TypedSchedule,
} from "./schedule.ts";
import { scheduleMessage } from "./schedule-messages.ts";

const now = Date.parse("2026-11-30T09:00:30Z");
const berlin = { zone: "Europe/Berlin", now };

const read = (typed: TypedSchedule, place = berlin): Schedule => {
  const schedule = readSchedule(typed, place);
  if (!schedule.ok) throw new Error(scheduleMessage(schedule.error));
  return schedule.value;
};
const iso = (times: readonly number[]): readonly string[] =>
  times.map((at) => new Date(at).toISOString().replace(":00.000", ""));
const cron = (expression: string, zone = "Europe/Berlin"): Schedule => ({ kind: "cron", expression, zone });

describe("--at", () => {
  test.each([
    ["2026-12-01T08:00", "2026-12-01T07:00Z"],
    ["2026-12-01 08:00", "2026-12-01T07:00Z"],
    ["2026-12-01T08:00:00.000Z", "2026-12-01T08:00Z"],
    ["2026-12-01T08:00+05:30", "2026-12-01T02:30Z"],
    ["2026-12-01T08:00-0330", "2026-12-01T11:30Z"],
    ["2026-12-01T23:00 -05", "2026-12-02T04:00Z"],
    ["2028-02-29T08:00", "2028-02-29T07:00Z"],
    ["9999-12-31T23:59Z", "9999-12-31T23:59Z"],
    ["10:01", "2026-11-30T09:01Z"],
    ["10:00", "2026-12-01T09:00Z"],
    ["8:00", "2026-12-01T07:00Z"],
  ])("%s is %s, once", (at, expected) => {
    expect(iso(nextTimes(read({ at }), now, 5))).toEqual([expected]);
  });

  test.each([
    ["a time that the change skips", "2027-03-28T02:30", "2027-03-28T01:00Z"],
    ["a time that comes twice", "2027-10-31T02:30", "2027-10-31T00:30Z"],
  ])("has the rule of cron for %s", (_, at, expected) => {
    expect(iso(nextTimes(read({ at }), now, 1))).toEqual([expected]);
  });

  test.each([
    ["8pm", "unreadable-time"],
    ["2026-12-01", "unreadable-time"],
    ["tomorrow", "unreadable-time"],
    ["", "unreadable-time"],
    ["2027-02-29T08:00", "no-such-time"],
    ["2026-13-01T08:00", "no-such-time"],
    ["2026-12-01T24:00", "no-such-time"],
    ["0000-12-01T08:00", "no-such-time"],
    ["25:00", "no-such-time"],
    ["9999-12-31T23:59-01:00", "no-such-time"],
    ["2026-12-01T08:00+24:00", "unreadable-time"],
    ["2026-12-01T08:00-01:60", "unreadable-time"],
    ["2026-11-30T10:00", "past"],
    ["2026-11-30T09:00:30Z", "past"],
    ["1969-12-31T23:00", "past"],
  ])("refuses %j: %s", (at, code) => {
    expect(readSchedule({ at }, berlin)).toMatchObject({ ok: false, error: { code } });
  });
});

describe("--every", () => {
  test("begins one duration from now", () => {
    expect(nextTimes(read({ every: "90m" }), now, 2)).toEqual([now + 5_400_000, now + 10_800_000]);
  });

  test("counts time that passes: over a change of the clocks, a day is 24 hours", () => {
    const from = Date.parse("2027-03-27T07:00Z");
    expect(
      iso(nextTimes({ kind: "every", every: 86_400_000, from, zone: "Europe/Berlin" }, from, 2)),
    ).toEqual(["2027-03-28T07:00Z", "2027-03-29T07:00Z"]);
  });

  test.each([
    ["", "unreadable-duration"],
    ["often", "unreadable-duration"],
    ["1h30m", "unreadable-duration"],
    ["-1h", "unreadable-duration"],
    ["0m", "too-short"],
    ["59s", "too-short"],
    ["367d", "too-long"],
  ])("refuses %j: %s", (every, code) => {
    expect(readSchedule({ every }, berlin)).toMatchObject({ ok: false, error: { code } });
    expect(readDuration("within", every)).toMatchObject({ ok: false, error: { code, flag: "within" } });
  });

  test.each(["60s", "1m", "366d"])("takes %s", (every) => {
    expect(readSchedule({ every }, berlin)).toMatchObject({ ok: true });
  });
});

describe("--cron", () => {
  test.each([
    ["0 8 * * 1-5", ["2026-12-01T07:00Z", "2026-12-02T07:00Z", "2026-12-03T07:00Z", "2026-12-04T07:00Z"]],
    ["0 8 * * sun", ["2026-12-06T07:00Z", "2026-12-13T07:00Z"]],
    ["0 8 * * 7", ["2026-12-06T07:00Z", "2026-12-13T07:00Z"]],
    ["@daily", ["2026-11-30T23:00Z", "2026-12-01T23:00Z"]],
    ["0 8 L * *", ["2026-12-31T07:00Z", "2027-01-31T07:00Z"]],
    ["0 8 29 2 *", ["2028-02-29T07:00Z", "2032-02-29T07:00Z"]],
  ])("%s runs next at %j", (expression, expected) => {
    expect(iso(nextTimes(read({ cron: expression }), now, expected.length))).toEqual(expected);
  });

  test("has one space between its fields, for the words on a card", () => {
    expect(read({ cron: " 0  8\t*\n* * " })).toEqual(cron("0 8 * * *"));
  });

  test("with both days restricted runs on either, as cron does", () => {
    expect(iso(nextTimes(read({ cron: "0 8 13 * 5" }), now, 3))).toEqual([
      "2026-12-04T07:00Z",
      "2026-12-11T07:00Z",
      "2026-12-13T07:00Z",
    ]);
  });

  test.each([
    ["", "too-few-fields"],
    ["0 8", "too-few-fields"],
    ["60 8 * * *", "unreadable-cron"],
    ["0 8 * * 8", "unreadable-cron"],
    ["0 8 * 13 *", "unreadable-cron"],
    ["0 22-2 * * *", "unreadable-cron"],
    ["0 8 * * 1#6", "unreadable-cron"],
    ["*/0 * * * *", "unreadable-cron"],
    ["@reboot", "unreadable-cron"],
    ["@every 5m", "unreadable-cron"],
    ["L", "too-few-fields"],
    ["2027-01-01T08:00:00", "too-few-fields"],
    ["0 8:30 * * *", "unreadable-cron"],
    ["0 0 8 * * *", "seconds"],
    ["0 0 8 * * * 2027", "seconds"],
    ["0 8 30 2 *", "never"],
    ["0 8 31 2,4,6,9,11 *", "never"],
  ])("refuses %j: %s", (expression, code) => {
    expect(readSchedule({ cron: expression }, berlin)).toMatchObject({ ok: false, error: { code } });
  });

  test.each([
    ["0 8 29 2 *", "a day that comes every four years"],
    ["0 8 31 1,2 *", "a day that only one of the months has"],
    ["0 8 30 2 1", "a day that no month has, or a weekday"],
  ])("takes %s, %s", (expression) => {
    expect(readSchedule({ cron: expression }, berlin)).toMatchObject({ ok: true });
  });

  // The texts of a person or an agent: none may throw, hang or run twice at a time.
  test("reads any text, and its times rise", () => {
    const field = fc.constantFrom(
      ...[
        "*",
        "*/2",
        "1",
        "5",
        "0",
        "59",
        "23",
        "31",
        "1-5",
        "1-5/2",
        "L",
        "LW",
        "15W",
        "5L",
        "1#5",
        "mon-fri",
      ],
      ...["feb", "?", "1,*/7", "+1", "W", "#", "-", "@daily", "*,*", "00007", "", " ", "1:2"],
    );
    const text = fc.oneof(
      fc.array(field, { minLength: 5, maxLength: 5 }).map((all) => all.join(" ")),
      fc.string(),
    );
    fc.assert(
      fc.property(text, (expression) => {
        const schedule = readSchedule({ cron: expression }, { zone: "Africa/Cairo", now });
        if (!schedule.ok) {
          expect(scheduleMessage(schedule.error)).not.toBe("");
          return;
        }
        const times = nextTimes(schedule.value, now, 5);
        expect(times.length).toBeGreaterThan(0);
        expect(times.every((at, index) => at > (times[index - 1] ?? now))).toBe(true);
      }),
    );
  });
});

describe("the hours of a clock change", () => {
  const [spring, autumn] = [Date.parse("2026-03-29T00:00:00Z"), Date.parse("2026-10-24T23:59:00Z")];
  test.each([
    ["a fixed time of the gap runs at its end", "30 2 * * *", ["29T01:00", "30T00:30"]],
    ["so does each time of a list", "30 2,14 * * *", ["29T01:00", "29T12:30", "30T00:30"]],
    ["and of a range", "30 2-3 * * *", ["29T01:00", "29T01:30", "30T00:30"]],
    ["two times of the gap run once", "0,30 2 * * *", ["29T01:00", "30T00:00"]],
    ["with the time at the gap's end", "0 2,3 * * *", ["29T01:00", "30T00:00"]],
    ["an interval has no run in the gap", "*/30 2 * * *", ["30T00:00", "30T00:30"]],
    ["and goes on after it", "*/30 * * * *", ["29T00:30", "29T01:00", "29T01:30", "29T02:00"]],
  ])("in spring, %s: %s", (_, expression, expected) => {
    expect(iso(nextTimes(cron(expression), spring, expected.length)).map((at) => at.slice(8, 16))).toEqual(
      expected,
    );
  });

  test.each([
    ["a fixed time that comes twice runs the first time", "30 2 * * *", ["25T00:30", "26T01:30"]],
    ["so does each time of a list", "30 2,14 * * *", ["25T00:30", "25T13:30", "26T01:30"]],
    ["and of a range", "30 2-3 * * *", ["25T00:30", "25T02:30", "26T01:30"]],
    [
      "an interval runs both times",
      "*/30 2 * * *",
      ["25T00:00", "25T00:30", "25T01:00", "25T01:30", "26T01:00"],
    ],
    ["also each hour", "30 * * * *", ["25T00:30", "25T01:30", "25T02:30"]],
  ])("in autumn, %s: %s", (_, expression, expected) => {
    expect(iso(nextTimes(cron(expression), autumn, expected.length)).map((at) => at.slice(8, 16))).toEqual(
      expected,
    );
  });

  test.each([
    [
      "midnight, which Cairo skips",
      "0 0 * * *",
      "Africa/Cairo",
      "2024-04-25T00:00Z",
      ["25T22:00", "26T21:00"],
    ],
    [
      "half an hour, which Lord Howe skips",
      "15 2 * * *",
      "Australia/Lord_Howe",
      "2024-10-05T00:00Z",
      ["05T15:30", "06T15:15"],
    ],
    [
      "half an hour, which Lord Howe repeats",
      "45 1 * * *",
      "Australia/Lord_Howe",
      "2024-04-06T00:00Z",
      ["06T14:45", "07T15:15"],
    ],
    [
      "each quarter of it",
      "*/15 1 * * *",
      "Australia/Lord_Howe",
      "2024-04-06T14:29Z",
      ["06T14:30", "06T14:45", "06T15:00", "06T15:15", "07T14:30"],
    ],
  ])("%s: %s in %s", (_, expression, zone, from, expected) => {
    const times = nextTimes(cron(expression, zone), Date.parse(from), expected.length);
    expect(iso(times).map((at) => at.slice(8, 16))).toEqual(expected);
  });
});

test.each([{}, { at: "08:00", every: "1d" }, { at: "08:00", every: "1d", cron: "@daily" }])(
  "%j is not one schedule",
  (typed) => {
    expect(readSchedule(typed, berlin)).toMatchObject({ ok: false, error: { code: "not-one-schedule" } });
  },
);

test.each(["", "Mars/Base", "+01:00", "../../etc/passwd"])("refuses the zone %j", (zone) => {
  for (const typed of [{ at: "08:00" }, { every: "1d" }, { cron: "@daily" }])
    expect(readSchedule(typed, { zone, now })).toMatchObject({ ok: false, error: { code: "unknown-zone" } });
});

test.each<[string, Schedule]>([
  ["at", { kind: "at", at: now, zone: "UTC" }],
  ["every", { kind: "every", every: 5_400_000, from: now, zone: "UTC" }],
  ["cron with fixed times", cron("0,30 1-3 * * *", "Europe/Berlin")],
  ["cron with an interval", cron("*/20 */2 * * *", "Africa/Cairo")],
])("%s has the same times backward as forward", (_, schedule) => {
  for (const start of ["2026-03-28", "2026-04-23", "2026-10-24", "2026-10-29", "2026-11-29"].map(
    Date.parse,
  )) {
    const { upTo } = occurrencesOf(schedule);
    const forward = nextTimes(schedule, start, 60);
    const backward: number[] = [];
    for (let at = upTo(forward.at(-1) ?? 0); at !== null && at > start; at = upTo(at - 1))
      backward.unshift(at);
    expect(backward).toEqual(forward);
  }
});
