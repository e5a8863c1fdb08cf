import { Cron } from "croner";
import { durationOf, fail, ok, type Result } from "@gatehouse/std";
import { checkField } from "@nc/container-config";

/**
 * When a task runs. Times are ms since 1970. `zone` is an IANA name: the times of `cron` are of its clocks, and the times of
 * all kinds are shown in it.
 *
 * The hours of a clock change, for `at` and `cron`: a clock time that the change skips runs at the end of the gap, and one that
 * comes twice runs the first time only. Of `cron`, this holds for each clock time that is written as a value, list or range.
 * If the minute or the hour has `*` or a step, the expression is an interval: it does not run in the gap, and runs both times.
 * `every` counts time that passes, so a change of the clocks moves its clock times.
 */
export type Schedule =
  | { readonly kind: "at"; readonly at: number; readonly zone: string }
  /** The first run is one `every`, ms, after `from`. */
  | { readonly kind: "every"; readonly every: number; readonly from: number; readonly zone: string }
  | { readonly kind: "cron"; readonly expression: string; readonly zone: string };

/** A schedule as it is typed. One of the three has a text. */
export type TypedSchedule = {
  /** `08:00` (the next time that a clock of the zone shows it), or `2026-12-01T08:00`, also with an offset. */
  readonly at?: string | undefined;
  /** A duration, such as `90m`, `2h` or `7d`. */
  readonly every?: string | undefined;
  /** Minute, hour, day of month, month, day of week; or a name such as `@daily`. */
  readonly cron?: string | undefined;
};

/** `text` is what was typed. */
export type ScheduleProblem =
  | { readonly code: "not-one-schedule" }
  | { readonly code: "unknown-zone"; readonly zone: string }
  | {
      readonly code: "unreadable-time" | "no-such-time" | "past";
      readonly text: string;
      readonly zone: string;
      readonly now: number;
    }
  | {
      readonly code: "unreadable-duration" | "too-short" | "too-long";
      readonly flag: DurationFlag;
      readonly text: string;
    }
  | { readonly code: "seconds" | "too-few-fields" | "never"; readonly text: string }
  /** `found` is the first field that is wrong. Null if all are right, or if it has no fields: `@reboot`. */
  | {
      readonly code: "unreadable-cron";
      readonly text: string;
      readonly found: { readonly field: CronField; readonly text: string } | null;
    };

const cronFields = ["minute", "hour", "day of month", "month", "day of week"] as const;
export type CronField = (typeof cronFields)[number];

type DurationFlag = "every" | "within";

type ZonedNow = { readonly zone: string; readonly now: number };

/** Reads a typed schedule. `zone`: the group's. Refuses a schedule without a time after `now`, ms. */
export const readSchedule = (
  { at, every, cron }: TypedSchedule,
  place: ZonedNow,
): Result<Schedule, ScheduleProblem> => {
  if ([at, every, cron].filter((text) => text !== undefined).length !== 1)
    return fail({ code: "not-one-schedule" });
  const zone = checkField("timezone", place.zone);
  if (!zone.ok || zone.value === null) return fail({ code: "unknown-zone", zone: place.zone });
  const here = { zone: zone.value, now: place.now };
  if (at !== undefined) return readAt(at.trim(), here);
  if (every !== undefined) return readEvery(every, here);
  return readCron((cron ?? "").trim().replace(/\s+/g, " "), here);
};

const minute = 60_000;
const longest = 366 * 24 * 60 * minute;

/** Reads the text of `--every` or `--within`: ms, from a minute to 366 days. */
export const readDuration = (flag: DurationFlag, text: string): Result<number, ScheduleProblem> => {
  const ms = durationOf(text.trim());
  if (ms === null) return fail({ code: "unreadable-duration", flag, text });
  if (ms < minute) return fail({ code: "too-short", flag, text });
  return ms > longest ? fail({ code: "too-long", flag, text }) : ok(ms);
};

const readEvery = (text: string, { zone, now }: ZonedNow): Result<Schedule, ScheduleProblem> => {
  const every = readDuration("every", text);
  return every.ok ? ok({ kind: "every", every: every.value, from: now, zone }) : every;
};

const clockTime = /^(\d{1,2}):(\d\d)$/;
const isoTime =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?\s*(?:(Z)|([+-])([01]\d|2[0-3])(?::?([0-5]\d))?)?$/i;

/** Rows have times as texts of ISO 8601, and the order of these is that of the times until the year has a fifth digit. */
const endOfTime = Date.UTC(10_000, 0);

const readAt = (text: string, { zone, now }: ZonedNow): Result<Schedule, ScheduleProblem> => {
  const problem = { text, zone, now };
  const [, clockHour, clockMinute] = clockTime.exec(text) ?? [];
  const iso = isoTime.exec(text);
  if (clockHour === undefined && iso === null) return fail({ code: "unreadable-time", ...problem });
  const at = iso === null ? nextTime(`0 ${clockMinute} ${clockHour} * * * *`, zone, now) : timeOf(iso, zone);
  if (at === null || at >= endOfTime) return fail({ code: "no-such-time", ...problem });
  return at <= now ? fail({ code: "past", ...problem }) : ok({ kind: "at", at, zone });
};

/** Null for a day or a time that no calendar has. */
const timeOf = (iso: RegExpExecArray, zone: string): number | null => {
  const [, year, month, day, hour, min, second = "0", isUtc, sign, hours, minutes = "0"] = iso;
  const hasOffset = isUtc !== undefined || sign !== undefined;
  // croner reads the time, so that `at` has its rule for the hours of a clock change.
  const pattern = `${second} ${min} ${hour} ${day} ${month} * ${year}`;
  const local = nextTime(pattern, hasOffset ? "UTC" : zone, Date.UTC(Number(year) - 1, 0));
  if (local === null || sign === undefined) return local;
  return local - Number(`${sign}1`) * (Number(hours) * 60 + Number(minutes)) * minute;
};

/** The first time after `after` of a pattern with seconds and years; null also for a pattern that croner refuses. */
const nextTime = (pattern: string, timezone: string, after: number): number | null => {
  const job = parsed(() => new Cron(pattern, { timezone, mode: "7-part" }));
  return job?.nextRun(new Date(after))?.getTime() ?? null;
};

const readCron = (text: string, { zone, now }: ZonedNow): Result<Schedule, ScheduleProblem> => {
  const fields = text.split(" ");
  if (fields.length > cronFields.length) return fail({ code: "seconds", text });
  if (fields.length < cronFields.length && !text.startsWith("@"))
    return fail({ code: "too-few-fields", text });
  const job = readJob(text, zone);
  if (job === null) return fail({ code: "unreadable-cron", text, found: wrongField(fields) });
  if (job.nextRun(new Date(now)) === null) return fail({ code: "never", text });
  return ok({ kind: "cron", expression: text, zone });
};

/** croner reads a text with a colon as a date. */
const readJob = (text: string, zone: string): Cron | null =>
  text.includes(":") ? null : parsed(() => cronJob(text, zone));

/** The first field that croner refuses beside four that are any. Its own words count months from 0, and days too. */
const wrongField = (
  fields: readonly string[],
): { readonly field: CronField; readonly text: string } | null => {
  if (fields.length !== cronFields.length) return null;
  for (const [at, field] of cronFields.entries()) {
    const text = fields[at] ?? "*";
    const alone = cronFields.map((each) => (each === field ? text : "*")).join(" ");
    if (readJob(alone, "UTC") === null) return { field, text };
  }
  return null;
};

/** Null for a pattern that croner refuses: it throws errors of several classes. */
const parsed = (make: () => Cron): Cron | null => {
  try {
    return make();
  } catch (error) {
    if (error instanceof Error) return null;
    throw error;
  }
};

/**
 * A parsed expression that starts nothing. `no-wildcard` is the rule that `Schedule` describes; croner's default has it for a
 * single hour and minute only, and treats lists and ranges as intervals (seen with 11.0.1).
 */
const cronJob = (expression: string, timezone: string): Cron =>
  new Cron(expression, { timezone, mode: "5-part", fixedTimeRule: "no-wildcard" });

/** The nominal times of a schedule, ms since 1970. */
export type Occurrences = {
  /** The first one after this time; null without any. */
  readonly after: (time: number) => number | null;
  /** The last one at or before this time; null without any. */
  readonly upTo: (time: number) => number | null;
};

/** Throws for an expression that `readSchedule` refuses. */
export const occurrencesOf = (schedule: Schedule): Occurrences => {
  if (schedule.kind === "at") {
    const { at } = schedule;
    return { after: (time) => (time < at ? at : null), upTo: (time) => (time < at ? null : at) };
  }
  if (schedule.kind === "every") {
    const { every, from } = schedule;
    const passed = (time: number): number => Math.max(0, Math.floor((time - from) / every));
    return {
      after: (time) => from + (passed(time) + 1) * every,
      upTo: (time) => (passed(time) === 0 ? null : from + passed(time) * every),
    };
  }
  const job = cronJob(schedule.expression, schedule.zone);
  return {
    after: (time) => job.nextRun(new Date(time))?.getTime() ?? null,
    // croner gives the runs before a time.
    upTo: (time) => job.previousRuns(1, new Date(time + 1))[0]?.getTime() ?? null,
  };
};

/** The next `count` times after `after`, ms; fewer if the schedule ends. */
export const nextTimes = (schedule: Schedule, after: number, count: number): readonly number[] => {
  const occurrences = occurrencesOf(schedule);
  const times: number[] = [];
  for (
    let time = occurrences.after(after);
    time !== null && times.length < count;
    time = occurrences.after(time)
  )
    times.push(time);
  return times;
};
