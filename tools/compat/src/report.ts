import type { InstallError } from "./clis/cli-cache.ts";

/** The result of one scenario on one CLI. */
export type Row = {
  /** `claude@2.1.328`, or `claude=PATH`. */
  readonly cli: string;
  /** The program that was started, if the CLI could be obtained. */
  readonly path?: string;
  readonly scenario: string;
  readonly outcome: "passed" | "failed" | "skipped";
  /** Why nothing was tried, if the CLI could not be obtained. */
  readonly code?: InstallError["code"] | "not-a-cli";
  /** One sentence for each problem. Its first line is enough to know what is wrong. */
  readonly problems: readonly string[];
  readonly durationMs: number;
};

export type Report = {
  readonly ok: boolean;
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  readonly rows: readonly Row[];
};

export const reportOf = (rows: readonly Row[]): Report => {
  const count = (outcome: Row["outcome"]) => rows.filter((row) => row.outcome === outcome).length;
  const [passed, failed, skipped] = [count("passed"), count("failed"), count("skipped")];
  return { ok: failed === 0, passed, failed, skipped, rows };
};

const cell = (row: Row | undefined): string => {
  if (row === undefined) return "";
  const seconds = `${(row.durationMs / 1000).toFixed(1)} s`;
  return { passed: `pass ${seconds.padStart(6)}`, failed: `FAIL ${seconds.padStart(6)}`, skipped: "skipped" }[
    row.outcome
  ];
};

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** Scenarios down, CLIs across, then every failure in full and the reasons for skipping. */
const table = (rows: readonly Row[]): string => {
  const [clis, names] = [unique(rows.map(({ cli }) => cli)), unique(rows.map(({ scenario }) => scenario))];
  const lines = [
    ["", ...clis],
    ...names.map((name) => [
      name,
      ...clis.map((cli) => cell(rows.find((row) => row.cli === cli && row.scenario === name))),
    ]),
  ];
  const widths = lines[0]?.map((_, at) => Math.max(...lines.map((line) => line[at]?.length ?? 0))) ?? [];
  return lines
    .map((line) =>
      line
        .map((text, at) => text.padEnd(widths[at] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
};

const indented = (text: string): string =>
  text
    .split("\n")
    .map((line) => `    ${line}`.trimEnd())
    .join("\n");

const failures = (rows: readonly Row[]): string[] =>
  rows
    .filter(({ outcome }) => outcome === "failed")
    .map(({ cli, scenario, problems }) => `FAILED ${cli} ${scenario}\n${problems.map(indented).join("\n")}`);

const skips = (rows: readonly Row[]): string[] =>
  unique(
    rows.filter(({ outcome }) => outcome === "skipped").map(({ cli, problems }) => `${cli}: ${problems[0]}`),
  ).map((reason) => {
    const names = rows
      .filter((row) => reason === `${row.cli}: ${row.problems[0]}`)
      .map(({ scenario }) => scenario);
    return `SKIPPED ${reason}\n${indented(names.join(", "))}`;
  });

/** The last line of a run. */
export const summaryOf = ({ passed, failed, skipped }: Report): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

export const render = (report: Report): string =>
  [table(report.rows), ...failures(report.rows), ...skips(report.rows), summaryOf(report)].join("\n\n");
