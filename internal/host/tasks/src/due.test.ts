import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { dueNow, firstTime, type Due, type DueTask } from "./due.ts";
import { nextTimes, type Schedule } from "./schedule.ts";

const [minute, hour] = [60_000, 3_600_000];
const at = (time: string): number => Date.parse(`2026-12-${time}Z`);
const daily: Schedule = { kind: "cron", expression: "0 8 * * *", zone: "UTC" };
const hourly: Schedule = { kind: "cron", expression: "0 * * * *", zone: "UTC" };

const task = (fields: Partial<DueTask>): DueTask => ({
  id: "ta-1",
  schedule: daily,
  next: at("01T08:00"),
  missed: "latest",
  within: null,
  ...fields,
});

const short = (time: number | null): string | null =>
  time === null ? null : new Date(time).toISOString().slice(8, 16);
/** `fire` and `missed` in a row of a table. */
const shown = ({ fire, missed, next }: Due) => ({
  fire: fire.map((occurrence) => short(occurrence.at)),
  missed: missed === null ? null : `${missed.count}: ${short(missed.first)} to ${short(missed.last)}`,
  next: short(next),
});

describe("one task at one moment", () => {
  test.each([
    ["before its time", "01T07:59", [], null, "01T08:00"],
    ["at its time", "01T08:00", ["01T08:00"], null, "02T08:00"],
    ["after it", "01T20:00", ["01T08:00"], null, "02T08:00"],
  ])("%s", (_, now, fire, missed, next) => {
    expect(shown(dueNow(task({}), at(now)))).toEqual({ fire, missed, next });
  });

  test("an occurrence has the task and its time as its id", () => {
    expect(dueNow(task({}), at("01T08:05")).fire).toEqual([
      { id: "ta-1@2026-12-01T08:00:00.000Z", at: at("01T08:00") },
    ]);
  });

  test("a task that runs once has no next time", () => {
    const once = task({ schedule: { kind: "at", at: at("01T08:00"), zone: "UTC" } });
    expect(shown(dueNow(once, at("01T09:00")))).toEqual({ fire: ["01T08:00"], missed: null, next: null });
    expect(shown(dueNow({ ...once, next: null }, at("05T09:00")))).toEqual({
      fire: [],
      missed: null,
      next: null,
    });
  });

  test("a time of the row counts, even if the timezone database has changed since", () => {
    const earlier = { next: at("01T07:00"), missed: "all" as const };
    expect(shown(dueNow(task(earlier), at("01T07:30")))).toEqual({
      fire: ["01T07:00"],
      missed: null,
      next: "01T08:00",
    });
    expect(shown(dueNow(task(earlier), at("02T08:00"))).fire).toEqual(["01T07:00", "01T08:00", "02T08:00"]);
  });
});

describe("a machine asleep from 1 December, 07:00, to 4 December, 09:30", () => {
  const now = at("04T09:30");
  test.each<[string, Partial<DueTask>, readonly string[], string | null]>([
    ["latest", {}, ["04T08:00"], "3: 01T08:00 to 03T08:00"],
    ["latest within a day", { within: 24 * hour }, ["04T08:00"], "3: 01T08:00 to 03T08:00"],
    ["latest within an hour", { within: hour }, [], "4: 01T08:00 to 04T08:00"],
    ["latest within exactly its delay", { within: 90 * minute }, ["04T08:00"], "3: 01T08:00 to 03T08:00"],
    ["all", { missed: "all" }, ["01T08:00", "02T08:00", "03T08:00", "04T08:00"], null],
    [
      "all within two days",
      { missed: "all", within: 48 * hour },
      ["03T08:00", "04T08:00"],
      "2: 01T08:00 to 02T08:00",
    ],
    ["skip", { missed: "skip" }, [], "4: 01T08:00 to 04T08:00"],
    ["skip within two hours", { missed: "skip", within: 2 * hour }, ["04T08:00"], "3: 01T08:00 to 03T08:00"],
  ])("%s", (_, fields, fire, missed) => {
    expect(shown(dueNow(task(fields), now))).toEqual({ fire, missed, next: "05T08:00" });
  });

  test("all of an hourly task is the newest 24, oldest first, and the others are named", () => {
    const due = shown(dueNow(task({ schedule: hourly, missed: "all" }), now));
    expect(due.fire).toHaveLength(24);
    expect([due.fire[0], due.fire.at(-1)]).toEqual(["03T10:00", "04T09:00"]);
    expect(due).toMatchObject({ missed: "50: 01T08:00 to 03T09:00", next: "04T10:00" });
  });

  test("one that began as a Monday's task does not run on the Friday", () => {
    const weekly = task({
      schedule: { ...daily, expression: "0 8 * * 1" },
      next: at("07T08:00"),
      within: 12 * hour,
    });
    expect(shown(dueNow(weekly, at("11T09:00")))).toEqual({
      fire: [],
      missed: "1: 07T08:00 to 07T08:00",
      next: "14T08:00",
    });
  });
});

test("skip runs a time that is up to a minute late", () => {
  const skip = task({ missed: "skip" });
  expect(dueNow(skip, at("01T08:01")).fire).toHaveLength(1);
  expect(dueNow(skip, at("01T08:01") + 1).fire).toHaveLength(0);
});

test("counting missed times ends at 1,000", () => {
  const eachMinute = task({ schedule: { ...daily, expression: "* * * * *" }, next: at("01T00:00") });
  expect(dueNow(eachMinute, at("31T00:00")).missed).toEqual({
    count: 1000,
    first: at("01T00:00"),
    last: at("30T23:59"),
  });
});

/** A host that looks at its tasks at these times of its clock, and keeps the row between them. */
const live = (first: DueTask, clock: readonly number[]) => {
  const seen: { readonly fired: number[]; missed: number } = { fired: [], missed: 0 };
  let { next } = first;
  for (const now of clock) {
    const due = dueNow({ ...first, next }, now);
    seen.fired.push(...due.fire.map((occurrence) => occurrence.at));
    seen.missed += due.missed?.count ?? 0;
    next = due.next;
  }
  return seen;
};

describe("a clock that steps", () => {
  test("back by hours repeats no run, and the task waits for its next time", () => {
    const clock = ["01T08:00", "01T05:00", "01T08:00", "01T08:01", "02T08:00"].map(at);
    expect(live(task({}), clock)).toEqual({ fired: [at("01T08:00"), at("02T08:00")], missed: 0 });
  });

  test("forward by hours and back runs what the jump passed once", () => {
    const clock = ["01T07:59", "01T14:10", "01T08:10", "01T14:59", "01T15:00"].map(at);
    const { fired, missed } = live(task({ schedule: hourly }), clock);
    expect(fired.map(short)).toEqual(["01T14:00", "01T15:00"]);
    expect(missed).toBe(6);
  });

  test("any way, runs each time at most once, in order, and misses or runs each that passed", () => {
    const schedules = [
      hourly,
      { ...daily, expression: "0,30 1-3 * * *", zone: "Europe/Berlin" },
      { kind: "every", every: 100 * minute, from: at("01T00:00"), zone: "UTC" } as const,
    ];
    const steps = fc.array(fc.integer({ min: -6 * 60, max: 24 * 60 }), { minLength: 1, maxLength: 8 });
    const policy = fc.constantFrom("latest" as const, "all" as const, "skip" as const);
    const within = fc.constantFrom(null, hour, 24 * hour);
    fc.assert(
      fc.property(fc.constantFrom(...schedules), steps, policy, within, (schedule, jumps, missed, late) => {
        const begin = at("01T00:00");
        const clock: number[] = [];
        for (const jump of jumps) clock.push((clock.at(-1) ?? begin) + jump * minute);
        const latest = Math.max(begin, ...clock);
        const passed = nextTimes(schedule, begin, 200).filter((time) => time <= latest);
        const seen = live(
          task({ schedule, next: firstTime(schedule, begin, null), missed, within: late }),
          clock,
        );
        expect(seen.fired).toEqual([...new Set(seen.fired)].sort((one, other) => one - other));
        expect(passed).toEqual(expect.arrayContaining(seen.fired));
        expect(seen.fired.length + seen.missed).toBe(passed.length);
      }),
    );
  });
});

describe("a schedule that changes", () => {
  const weekdays: Schedule = { ...daily, expression: "30 6 * * 1-5" };
  test.each<[string, string, string | null, string]>([
    ["at once, after now", "01T05:00", null, "01T06:30"],
    ["at once, if its next time was later", "01T09:00", "01T08:00", "02T06:30"],
    ["no earlier than what ran, if the clock stepped back", "01T05:00", "01T08:00", "02T06:30"],
  ])("has its next time %s", (_, now, fired, expected) => {
    expect(short(firstTime(weekdays, at(now), fired === null ? null : at(fired)))).toBe(expected);
  });
});
