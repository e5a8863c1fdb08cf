import { visible } from "@gatehouse/std";
import type { Conflict } from "./conflicts.ts";
import type { Confirmable } from "./rights-and-programs.ts";
import type { ImportedGroup, ImportReport } from "./import-report.ts";

/**
 * Renders the report for a person. `next` is the last line: the next step. Escapes the lines, because their names come from
 * another program.
 */
export const renderImport = (report: ImportReport, next: string): string =>
  [
    report.dryRun
      ? `Nothing was written. An import of ${report.source} would bring in:`
      : `Brought in from ${report.source}:`,
    ...Object.entries(report.taken).map(([table, count]) => `  ${String(count).padStart(6)} ${table}`),
    ...section("Groups", report.groups.map(groupLine)),
    ...confirmableLines(report),
    ...section("Configurations", report.configurations),
    ...section(
      "Left out",
      report.leftOut.map(({ table, key, why }) => `${table} ${key}: ${why}`),
    ),
    ...section(
      "Changed",
      report.changed.map(({ table, key, why }) => `${table} ${key}: ${why}`),
    ),
    ...section(
      "Not taken",
      report.notTaken.map(({ what, count }) => `${what} (${count})`),
    ),
    ...section("Skipped files", report.groups.flatMap(skippedLines)),
    next,
    "",
  ].join("\n");

/** Renders what a person has to confirm. */
export const renderUnconfirmed = (confirmable: Confirmable): string =>
  confirmableLines(confirmable)
    .map((line) => `${line}\n`)
    .join("");

const confirmableLines = ({ rights, programs, tasks }: Confirmable): readonly string[] => [
  ...section("Owners and admins", rights),
  ...section("What runs with a message to its group", programs),
  ...section("What agents do at their times", tasks),
];

/** The limit on conflicts that are shown. */
const fewConflicts = 10;

/** Renders the conflicts, one on a line, and the number of conflicts that are not shown. */
export const renderConflicts = (conflicts: readonly Conflict[]): string => {
  const more = conflicts.length - fewConflicts;
  const lines = [
    ...section("Existing items", conflicts.slice(0, fewConflicts)),
    ...(more > 0 ? [`  and ${more} more: --json lists all`] : []),
  ];
  return lines.map((line) => `${line}\n`).join("");
};

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${visible(line)}`)];

const countOf = (files: number): string => `${files} ${files === 1 ? "file" : "files"}`;

const groupLine = ({ folder, id, configuration, scope, files }: ImportedGroup): string =>
  `${folder} (${id}): ${countOf(files)}, configuration from ${configuration === "none" ? "nothing yet" : configuration}, CLI scope ${scope}`;

const skippedLines = ({ folder, skipped }: ImportedGroup): readonly string[] =>
  skipped.map(({ path, why }) => `${folder}/${path}: ${why}`);
