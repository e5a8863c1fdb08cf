import { visible } from "@gatehouse/std";
import { toString as inEnglish } from "cronstrue";
import type { Missed } from "./due.ts";
import type { CronField, Schedule, ScheduleProblem } from "./schedule.ts";

/** One sentence for each problem of a typed schedule: the problem, its flag, and the fix. */
export const scheduleMessage = (problem: ScheduleProblem): string => {
  switch (problem.code) {
    case "not-one-schedule":
      return "A task needs one of --at TIME, --every DURATION and --cron EXPRESSION.";
    case "unknown-zone":
      return `${JSON.stringify(problem.zone)} is not a timezone's IANA name, such as Europe/Berlin: set the group's with ncl groups config update --timezone.`;
    case "unreadable-time":
      return `--at is a time such as 08:00 or 2026-12-01T08:00, in ${problem.zone} unless it ends with an offset such as +01:00 or Z: not ${JSON.stringify(problem.text)}.`;
    case "no-such-time":
      return `No calendar has the time ${JSON.stringify(problem.text)} (--at).`;
    case "past":
      return `The time ${JSON.stringify(problem.text)} (--at) has passed: it is ${timeText(problem.now, problem.zone)} (${problem.zone}). Name a later one.`;
    case "unreadable-duration":
      return `--${problem.flag} is a duration such as 90m, 2h or 7d: not ${JSON.stringify(problem.text)}.`;
    case "too-short":
      return `--${problem.flag} is at least a minute (1m): not ${JSON.stringify(problem.text)}.`;
    case "too-long":
      return `--${problem.flag} is at most 366 days (366d): not ${JSON.stringify(problem.text)}.`;
    case "seconds":
      return `--cron has five fields, without seconds and years: ${fieldsOf}. Leave fields out of ${JSON.stringify(problem.text)}.`;
    case "never":
      return `${JSON.stringify(problem.text)} (--cron) never comes: no month has such a day.`;
    case "too-few-fields":
      return `--cron has five fields: ${fieldsOf}. Add what ${JSON.stringify(problem.text)} lacks; * is any.`;
    case "unreadable-cron":
      return problem.found === null
        ? `--cron cannot read ${JSON.stringify(problem.text)}. It is @hourly, @daily, @weekly, @monthly, @yearly, or five fields: ${fieldsOf}.`
        : `--cron cannot read the ${problem.found.field} ${JSON.stringify(problem.found.text)} in ${JSON.stringify(problem.text)}: it is ${allowed[problem.found.field]}; also a list (1,3), a range (1-5), a step (*/2), or * for any.`;
  }
};

/** The values that a field of a cron expression may have. */
const allowed: Readonly<Record<CronField, string>> = {
  minute: "0 to 59",
  hour: "0 to 23",
  "day of month": "1 to 31, or L for the last",
  month: "1 to 12, or JAN to DEC",
  "day of week": "0 to 7, where 0 and 7 are Sunday, or SUN to SAT",
};

const fieldsOf = 'minute, hour, day of month, month, day of week, such as "0 8 * * 1-5"';

/** A schedule in words: `At 08:00, Monday through Friday (Europe/Berlin)`, `every 90 minutes`, `once, Tue 2026-12-01 08:00 (UTC)`. */
export const cadence = (schedule: Schedule): string => {
  switch (schedule.kind) {
    case "at":
      return `once, ${timeText(schedule.at, schedule.zone)} (${schedule.zone})`;
    case "every":
      return `every ${durationText(schedule.every)}`;
    case "cron":
      return `${cronText(schedule.expression)} (${schedule.zone})`;
  }
};

/** croner reads a few forms that cronstrue refuses, such as `+1`. They are shown as they were typed. */
const cronText = (expression: string): string => {
  try {
    return inEnglish(expression, { use24HourTimeFormat: true });
  } catch {
    return `cron ${expression}`;
  }
};

const units = [
  ["day", 86_400_000],
  ["hour", 3_600_000],
  ["minute", 60_000],
  ["second", 1000],
] as const;

/** `day`, `90 minutes`: in the largest unit that divides it. */
const durationText = (ms: number): string => {
  const [name, length] = units.find(([, each]) => ms % each === 0) ?? units[3];
  return ms === length ? name : `${ms / length} ${name}s`;
};

/** `Tue 2026-12-01 08:00`, in the zone. `at`: ms since 1970. */
export const timeText = (at: number, zone: string): string => {
  const weekday = new Intl.DateTimeFormat("en", { weekday: "short", timeZone: zone }).format(at);
  // The Swedish form of a time is that of ISO 8601.
  const time = new Intl.DateTimeFormat("sv-SE", { dateStyle: "short", timeStyle: "short", timeZone: zone });
  return `${weekday} ${time.format(at)}`;
};

/** One sentence about missed times, for the agent and its chat. */
export const missedText = ({ count, first, last }: Missed, zone: string): string =>
  count === 1
    ? `1 run was missed: ${timeText(first, zone)} (${zone}).`
    : `${count >= 1000 ? "1,000 or more" : count} runs were missed: ${timeText(first, zone)} to ${timeText(last, zone)} (${zone}).`;

/** The beginning of a task's text, in one line. */
export const shortText = (text: string): string => {
  const line = visible(text.slice(0, 1000).replace(/\s+/g, " ").trim());
  return line.length > 60 ? `${line.slice(0, 59)}…` : line;
};
