import { visible } from "@trust/preflight";
import type { ImportedGroup, ImportReport } from "./import-report.ts";

/** The report as a person reads it; the last line says what comes next. Names in it are another program's. */
export const renderImport = (report: ImportReport, next: string): string =>
  [
    `Brought in from ${report.source}:`,
    ...Object.entries(report.taken).map(([table, count]) => `  ${String(count).padStart(6)} ${table}`),
    ...section("Groups", report.groups.map(groupLine)),
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
      report.notTaken.map(({ what, count, why }) => `${what} (${count}): ${why}`),
    ),
    ...section("Files that stay behind", report.groups.flatMap(skippedLines)),
    next,
    "",
  ].join("\n");

const section = (title: string, lines: readonly string[]): readonly string[] =>
  lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${visible(line)}`)];

const groupLine = ({ folder, id, configuration, scope, files }: ImportedGroup): string =>
  `${folder} (${id}): ${files} ${files === 1 ? "file" : "files"}, configuration from ${configuration === "none" ? "nothing yet" : configuration}, CLI scope ${scope}`;

const skippedLines = ({ folder, skipped }: ImportedGroup): readonly string[] =>
  skipped.map(({ path, why }) => `${folder}/${path}: ${why}`);
