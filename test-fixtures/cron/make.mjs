// Writes year-2024.tsv with cron-parser, from a folder in which it is installed:
//   npm install --prefix DIR cron-parser@5.10.6 && node test-fixtures/cron/make.mjs DIR
import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { resolve } from "node:path";
import process from "node:process";

const { CronExpressionParser } = createRequire(resolve(process.argv[2], "_"))("cron-parser");

/** Minute and hour. */
const clocks = ["0 8", "30 2", "0 0", "0,30 1-3", "0 *", "0 */3", "59 23", "30 0,12", "15 9-11", "*/20 2"];
/** Day of month, month, day of week. */
const days = [
  ...["* * *", "* * 1-5", "* * 0,6", "* * 7", "1 * *", "31 * *", "29 2 *", "L * *", "* * 5L", "* * 1#1"],
  ...["13 * 5", "*/2 * *", "1-7 * *", "15 1,4,7,10 *", "* 3 *", "* 10-11 *", "* * mon-fri", "* jun-aug sat"],
  ...["28-31 * *", "*/10 * 3"],
];
const hour = 3_600_000;
const leapDay = [Date.parse("2024-02-29T00:00Z"), Date.parse("2024-03-01T00:00Z")];
/** The three hours before and after each change of a zone's clocks in 2024, as in the timezone database. */
const around = (time) => [Date.parse(time) - 3 * hour, Date.parse(time) + 3 * hour];
const zones = {
  "Europe/Berlin": [around("2024-03-31T01:00Z"), around("2024-10-27T01:00Z")],
  "America/New_York": [around("2024-03-10T07:00Z"), around("2024-11-03T06:00Z")],
  "Pacific/Chatham": [around("2024-04-06T14:00Z"), around("2024-09-28T14:00Z")],
  "Africa/Cairo": [around("2024-04-25T22:00Z"), around("2024-10-31T21:00Z")],
  "Asia/Kolkata": [],
};
const [from, to] = [Date.parse("2024-01-01T00:00Z"), Date.parse("2025-01-01T00:00Z")];

const timesIn2024 = (expression, tz) => {
  const times = CronExpressionParser.parse(expression, { tz, currentDate: new Date(from - 1000), endDate: new Date(to - 1) });
  const found = [];
  while (times.hasNext()) found.push(times.next().getTime());
  return found;
};

const iso = (time) => new Date(time).toISOString().slice(0, 16);
const lines = Object.entries(zones).map(([zone, changes]) =>
  [`# ${zone}`, ...[leapDay, ...changes].map((window) => window.map(iso).join("/"))].join("\t"),
);
for (const clock of clocks)
  for (const day of days)
    for (const [zone, changes] of Object.entries(zones)) {
      const all = timesIn2024(`${clock} ${day}`, zone);
      const windows = [leapDay, ...changes];
      const within = (time) => windows.some(([begin, end]) => time >= begin && time < end);
      const others = all.filter((time) => !within(time));
      const hash = createHash("sha256").update(others.map(iso).join()).digest("hex").slice(0, 12);
      const named = windows.map(([begin, end]) =>
        all.filter((time) => time >= begin && time < end).map((time) => iso(time).slice(8)).join(","),
      );
      lines.push([`${clock} ${day}`, zone, others.length, hash, ...named].join("\t"));
    }
writeFileSync(new URL("year-2024.tsv", import.meta.url), `${lines.join("\n")}\n`);
