import type { InstallError } from "./clis/cli-cache.ts";
import type { Via } from "./scenarios/scenario.ts";

/** The result of one scenario on one CLI. */
export type Row = {
  /** `claude@2.1.328`, or `claude=PATH`. */
  readonly cli: string;
  /** The program that was started, if the CLI could be obtained. */
  readonly path?: string;
  readonly scenario: string;
  /** How the CLI was asked for trust, if it can be asked in several ways. */
  readonly via?: Via;
  /** `not-applicable` is not a gap: there is nothing to run, and `problems` has the reason. */
  readonly outcome: "passed" | "failed" | "skipped" | "not-applicable";
  /** Why the CLI could not be obtained, so that nothing was tried. */
  readonly code?: InstallError["code"] | "not-a-cli";
  /** One sentence for each problem. Its first line is enough to identify it. */
  readonly problems: readonly string[];
  /** The problems of the first try, if the scenario was tried again, alone. */
  readonly earlier?: readonly string[];
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
  return {
    passed: `pass ${seconds.padStart(6)}`,
    failed: `FAIL ${seconds.padStart(6)}`,
    skipped: "skipped",
    "not-applicable": "-",
  }[row.outcome];
};

/** The name of a scenario for a person. */
const labelOf = ({ scenario, via }: Row): string =>
  via === "control" ? `${scenario}, by control` : scenario;

const unique = (values: readonly string[]): string[] => [...new Set(values)];

/** Scenarios in rows, CLIs in columns, then every failure in full and the reasons for skipping. */
const table = (rows: readonly Row[]): string => {
  const [clis, names] = [unique(rows.map(({ cli }) => cli)), unique(rows.map(labelOf))];
  const lines = [
    ["", ...clis],
    ...names.map((name) => [
      name,
      ...clis.map((cli) => cell(rows.find((row) => row.cli === cli && labelOf(row) === name))),
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
    .map((row) => `FAILED ${row.cli} ${labelOf(row)}\n${row.problems.map(indented).join("\n")}`);

/** Scenarios that passed only in their second try, alone, with the problems of the first. */
const secondTries = (rows: readonly Row[]): string[] =>
  rows
    .filter(({ outcome, earlier }) => outcome === "passed" && earlier !== undefined)
    .map((row) => `PASSED ALONE ${row.cli} ${labelOf(row)}\n${(row.earlier ?? []).map(indented).join("\n")}`);

/** Each reason once, with the names of all its scenarios. */
const reasons = (rows: readonly Row[], outcome: Row["outcome"], reasonOf: (row: Row) => string): string[] => {
  const own = rows.filter((row) => row.outcome === outcome);
  return unique(own.map(reasonOf)).map((reason) => {
    const names = own.filter((row) => reasonOf(row) === reason).map(({ scenario }) => scenario);
    return `${reason}\n${indented(unique(names).join(", "))}`;
  });
};

const skips = (rows: readonly Row[]): string[] =>
  reasons(rows, "skipped", ({ cli, problems }) => `SKIPPED ${cli}: ${problems[0]}`);

const notApplicable = (rows: readonly Row[]): string[] =>
  reasons(rows, "not-applicable", ({ via, problems }) =>
    via === undefined ? `NOT RUN: ${problems[0]}` : `NOT BY ${via.toUpperCase()}: ${problems[0]}`,
  );

/** The last line of a run. */
export const summaryOf = ({ passed, failed, skipped }: Report): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;

export const render = (report: Report): string =>
  [
    table(report.rows),
    ...failures(report.rows),
    ...secondTries(report.rows),
    ...skips(report.rows),
    ...notApplicable(report.rows),
    summaryOf(report),
  ].join("\n\n");
