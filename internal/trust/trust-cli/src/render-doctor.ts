import type { Paint } from "@gatehouse/cli-kit";
import { visible, visibleLines } from "@gatehouse/std";
import type { DoctorCheck, DoctorReport } from "./doctor-report.ts";

type Row = Omit<DoctorCheck, "name"> & { readonly name: string; readonly needed: boolean };

/** Every check and provider once. Claude Code is among the checks. */
const rowsOf = ({ checks, providers }: Pick<DoctorReport, "checks" | "providers">): readonly Row[] => [
  ...checks.map((check) => ({ ...check, needed: true })),
  ...providers
    .filter(({ provider }) => provider !== "claude")
    .map(({ provider, ...check }) => ({ name: provider, ...check })),
];

/** One sentence about a report: whether a preflight can run here, and which checks failed. */
export const doctorVerdict = (report: Omit<DoctorReport, "ok" | "verdict">): string => {
  const needed = rowsOf(report).filter((row) => row.needed);
  const failed = needed.filter(({ ok }) => !ok).map(({ name }) => name);
  return failed.length === 0
    ? `Ready to trust folders: all ${needed.length} checks passed.${warned(report.warnings)}`
    : `Not ready: ${failed.length} of ${needed.length} checks failed (${failed.join(", ")}).`;
};

/** The names of warnings about agents, beyond trust; empty without warnings. */
const warned = (warnings: DoctorReport["warnings"]): string => {
  const names = warnings.map(({ name }) => name);
  const starts = names.filter((name) => name !== "reach");
  return [
    ...(starts.length === 0 ? [] : [` An agent may not start: see ${starts.join(", ")}.`]),
    ...(names.length === starts.length ? [] : [" Agents reach more than they should: see reach."]),
  ].join("");
};

/**
 * One line per check and provider, with the fix below it, and the verdict as the last line. A CLI that is not
 * needed is only named, unless `all` is set.
 */
export const renderDoctor = (report: DoctorReport, paint: Paint, all: boolean = false): string => {
  const rows = rowsOf(report);
  const hidden = all ? [] : rows.filter(({ needed }) => !needed).map(({ name }) => name);
  const shown = rows.filter(({ needed }) => all || needed).map((row) => renderRow(row, paint));
  const note =
    hidden.length === 0
      ? ""
      : paint.faint(`Not installed and not needed: ${hidden.join(", ")} (--all shows them).`) + "\n";
  const verdict = (report.ok ? paint.good : paint.bad)(visible(report.verdict));
  const warnings = report.warnings.map(
    ({ name, message, fix }) => `warn ${name.padEnd(10)} ${below(message)}\n     fix: ${below(fix)}\n`,
  );
  return `${shown.join("")}${warnings.join("")}${note}${verdict}\n`;
};

const renderRow = ({ name, ok, message, fix }: Row, paint: Paint): string => {
  const head = ok ? paint.good("ok  ") : paint.bad("FAIL");
  return `${head} ${name.padEnd(10)} ${below(message)}\n${fix === undefined ? "" : `     fix: ${below(fix)}\n`}`;
};

/** Indents further lines below the first, so that none looks like a separate row. */
const below = (text: string): string => visibleLines(text).replaceAll("\n", "\n     ");
