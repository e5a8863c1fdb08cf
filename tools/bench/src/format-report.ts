import { markdownTable } from "markdown-table";
import type { BenchReport, Measured } from "./bench-report.ts";
import type { Row } from "./compare.ts";
import type { Bound, Unit } from "./measurement.ts";
import type { Spread } from "./statistics.ts";

const nothing = "-";

const number = (value: number): string => {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toFixed(digits);
};

const shown = (spread: Spread | null, format: (value: number) => string): readonly [string, string] =>
  spread === null
    ? [nothing, nothing]
    : [format(spread.median), `${format(spread.min)} - ${format(spread.max)}`];

const limit = (bound: Bound | null, unit: Unit): string => {
  if (bound === null) return "";
  if ("figureAtMost" in bound) return `<= ${bound.figureAtMost} ${unit}`;
  return "atMost" in bound ? `<= ${bound.atMost}` : `>= ${bound.atLeast}`;
};

const verdict = ({ holds, undone, figures }: Row): string => {
  const lost = figures.filter((figure) => figure === null).length;
  const words = holds === null ? [] : [holds ? "holds" : "MISSED"];
  if (lost > 0) words.push(`${lost} of ${figures.length} undone: ${undone.join("; ")}`);
  return words.join(", ");
};

const cells = (row: Row, unit: Unit): readonly string[] => [
  row.contender,
  ...shown(row.absolute, number),
  ...shown(row.ratio, (value) => value.toFixed(2)),
  limit(row.bound, unit),
  verdict(row),
];

const heads = (unit: Unit, floor: string): readonly string[] => [
  "",
  `median ${unit}`,
  "min - max",
  `ratio to ${floor}`,
  "min - max",
  "bound",
  "verdict",
];

const section = ({ name, title, unit, floor, rounds, skipped, failed, rows, notes }: Measured): string => {
  const table = markdownTable([heads(unit, floor), ...rows.map((row) => cells(row, unit))], {
    align: ["l", "r", "r", "r", "r", "r", "l"],
  });
  const missing = failed === undefined ? `Skipped: ${skipped ?? ""}.` : `Failed: ${failed}`;
  const hasRows = skipped === null && failed === undefined;
  const body = hasRows ? `${table}\n\n${rounds} rounds, interleaved.` : missing;
  return [`## ${name}`, `${title}.`, body, ...notes].join("\n\n");
};

/** The whole run as Markdown, for the terminal and for `docs/benchmarks.md`. */
export const formatReport = ({ at, quick, claude, machine, measurements }: BenchReport): string => {
  const { cpu, cores, memoryGb, system, node, load } = machine;
  const where = `${at.slice(0, 10)}, ${cpu}, ${cores} cores (load ${load}), ${memoryGb} GB, ${system}, Node ${node}, ${claude === null ? "no Claude Code" : `Claude Code ${claude}`}${quick ? ", quick run" : ""}.`;
  return [where, ...measurements.map(section)].join("\n\n");
};

/** `docs/benchmarks.md`. */
export const docsPage = (report: BenchReport): string =>
  [
    "# Benchmarks",
    "The last full run of `npm run bench -- --write`. A ratio is the median of the ratios within each round.",
    formatReport(report),
  ].join("\n\n") + "\n";
