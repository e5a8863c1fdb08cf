import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { occurrencesOf } from "./schedule.ts";

// What cron-parser made of 200 expressions in five zones: test-fixtures/README.md.
const lines = readFileSync(new URL("../../../../test-fixtures/cron/year-2024.tsv", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => line.split("\t"));

const time = (iso: string): number => Date.parse(`${iso}Z`);
const iso = (at: number): string => new Date(at).toISOString().slice(0, 16);

/** Leap day, and the hours before and after both changes of the clocks; by zone. */
const windows = new Map(
  lines.flatMap(([name = "", ...spans]) =>
    name.startsWith("# ") ? [[name.slice(2), spans.map((span) => span.split("/").map(time))] as const] : [],
  ),
);
const rows = lines
  .filter(([name]) => !name?.startsWith("# "))
  .map(([expression = "", zone = "", count, hash, ...times]) => ({
    expression,
    zone,
    count: Number(count),
    hash,
    times: times.map((list) => list.split(",").filter((text) => text !== "")),
  }));

const between = (expression: string, zone: string, begin: number, end: number): readonly number[] => {
  const { after } = occurrencesOf({ kind: "cron", expression, zone });
  const found: number[] = [];
  for (let at = after(begin - 1); at !== null && at < end; at = after(at)) found.push(at);
  return found;
};

/**
 * The times in which the two differ, with every day on which the expression runs, by its clock, the zone and the month.
 * Ours are by the rule that `Schedule` states. All other rows of the table agree.
 */
const differences: Readonly<Record<string, { readonly ours: string; readonly theirs: string }>> = {
  // A fixed time of the gap runs at the gap's end. cron-parser shifts it by the gap's length.
  "30 2 Europe/Berlin 03": { ours: "31T01:00", theirs: "31T01:30" },
  "30 2 America/New_York 03": { ours: "10T07:00", theirs: "10T07:30" },
  "30 0,12 Africa/Cairo 04": { ours: "25T22:00", theirs: "25T22:30" },
  "0,30 1-3 Pacific/Chatham 09": { ours: "28T14:00", theirs: "28T14:15 28T14:45" },
  // An interval has no run in the gap. cron-parser takes only a `*` in the hours as an interval.
  "*/20 2 Europe/Berlin 03": { ours: "", theirs: "31T01:00 31T01:20 31T01:40" },
  "*/20 2 America/New_York 03": { ours: "", theirs: "10T07:00 10T07:20 10T07:40" },
  "0 */3 Africa/Cairo 04": { ours: "", theirs: "25T22:00" },
  "0 */3 Pacific/Chatham 09": { ours: "", theirs: "28T14:15" },
  // An interval runs both times. The same reason.
  "*/20 2 Europe/Berlin 10": { ours: "27T01:00 27T01:20 27T01:40", theirs: "" },
  "0 */3 Pacific/Chatham 04": { ours: "06T14:15", theirs: "" },
};

describe("the year 2024 of 200 expressions in five zones, beside a table of cron-parser", () => {
  test("has 200 expressions in each of five zones", () => {
    expect(new Set(rows.map(({ expression }) => expression)).size).toBe(200);
    expect([...windows.keys()].map((zone) => rows.filter((row) => row.zone === zone).length)).toEqual([
      200, 200, 200, 200, 200,
    ]);
  });

  test("agrees on leap day and in the hours of both changes, but for the stated rule", () => {
    const seen: Record<string, { readonly ours: string; readonly theirs: string }> = {};
    for (const { expression, zone, times } of rows)
      for (const [index, [begin = 0, end = 0] = []] of (windows.get(zone) ?? []).entries()) {
        const ours = between(expression, zone, begin, end).map((at) => iso(at).slice(8));
        const theirs = times[index] ?? [];
        const clock = expression.split(" ").slice(0, 2).join(" ");
        if (ours.join() !== theirs.join())
          seen[`${clock} ${zone} ${iso(begin).slice(5, 7)}`] = {
            ours: ours.filter((at) => !theirs.includes(at)).join(" "),
            theirs: theirs.filter((at) => !ours.includes(at)).join(" "),
          };
      }
    expect(seen).toEqual(differences);
  });

  test("agrees on every other day", { tags: ["soak"] }, () => {
    const [from, to] = [time("2024-01-01T00:00"), time("2025-01-01T00:00")];
    for (const { expression, zone, count, hash } of rows) {
      const others = between(expression, zone, from, to)
        .filter((at) => !(windows.get(zone) ?? []).some(([begin = 0, end = 0]) => at >= begin && at < end))
        .map(iso);
      const row = { expression, zone, count: others.length, hash: hashOf(others.join()) };
      expect(row).toEqual({ expression, zone, count, hash });
    }
  });
});

const hashOf = (text: string): string => createHash("sha256").update(text).digest("hex").slice(0, 12);
