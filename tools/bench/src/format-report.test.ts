import { describe, expect, test } from "vitest";
import type { BenchReport, Measured } from "./bench-report.ts";
import { formatReport } from "./format-report.ts";

const measured: Measured = {
  name: "one-folder",
  title: "One new folder",
  unit: "ms",
  floor: "bare script",
  rounds: 2,
  skipped: null,
  rows: [
    {
      contender: "preflight",
      figures: [480, null],
      absolute: { median: 480, min: 480, max: 480 },
      ratio: { median: 1.2, min: 1.2, max: 1.2 },
      bound: { atMost: 1.15 },
      holds: false,
      undone: ["trust was lost"],
    },
  ],
  notes: ["Each agent is a tiny program."],
};

const report = (one: Measured): BenchReport => ({
  ok: false,
  at: "2026-11-20T08:00:00.000Z",
  quick: false,
  claude: null,
  machine: { cpu: "CPU", cores: 2, memoryGb: 24, system: "Linux", node: "v20.20.2", load: 1.5 },
  measurements: [one],
});

describe("formatReport", () => {
  test("names missed bounds, work that was not completed, and what was found", () => {
    const text = formatReport(report(measured));
    expect(text).toMatch(/preflight .* 1\.20 .* <= 1\.15 .* MISSED, 1 of 2 undone: trust was lost/);
    expect(text).toContain("Each agent is a tiny program.");
  });

  test("prints the error of a failed measurement, and counts it as missed", () => {
    const text = formatReport(report({ ...measured, failed: "no answer within 60000 ms", rows: [] }));
    expect(text).toContain("Failed: no answer within 60000 ms");
    expect(text).not.toContain("rounds, interleaved");
  });

  test("prints the reason of a skipped measurement instead of a table", () => {
    const text = formatReport(report({ ...measured, skipped: "no Claude Code found", rows: [] }));
    expect(text).toContain("Skipped: no Claude Code found.");
    expect(text).not.toContain("|");
  });
});
