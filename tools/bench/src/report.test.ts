import { describe, expect, test } from "vitest";
import type { Measured } from "./measure.ts";
import { formatReport, thisMachine } from "./report.ts";

const measured: Measured = {
  name: "one-folder",
  title: "One new folder",
  unit: "ms",
  floor: "bare script",
  rows: [
    {
      contender: "preflight",
      figures: [480, null],
      undone: ["trust was lost"],
      absolute: { median: 480, min: 480, max: 480 },
      ratio: { median: 1.2, min: 1.2, max: 1.2 },
    },
  ],
};

const textOf = (one: Measured): string =>
  formatReport({
    at: "2026-11-20T08:00:00.000Z",
    quick: false,
    claude: null,
    machine: thisMachine(),
    measurements: [one],
  });

describe("formatReport", () => {
  test("prints figures, ratios, and work that was not completed", () => {
    expect(textOf(measured)).toMatch(/preflight .* 480 .* 1\.20 .* 1 of 2 undone: trust was lost/);
  });

  test.each([
    { why: { skipped: "no Claude Code found" }, line: "Skipped: no Claude Code found." },
    { why: { failed: "no answer within 60000 ms" }, line: "Failed: no answer within 60000 ms" },
  ])("prints '$line' instead of a table", ({ why, line }) => {
    const text = textOf({ ...measured, ...why, rows: [] });
    expect(text).toContain(line);
    expect(text).not.toContain("|");
  });
});
