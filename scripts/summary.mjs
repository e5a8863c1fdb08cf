import { existsSync, readFileSync } from "node:fs";

/** The counts in vitest's JSON report. A run that failed without a failed test (a crash, no report) counts as one failure. */
export function readVitest(file, exitCode) {
  const report = readJson(file);
  const counts = {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  };
  return withCrash(counts, exitCode);
}

/** The counts in compat's JSON results. */
export function readCompat(file, exitCode) {
  const report = readJson(file);
  const counts = {
    passed: report?.passed ?? 0,
    failed: report?.failed ?? 0,
    skipped: report?.skipped ?? 0,
  };
  return withCrash(counts, exitCode);
}

/** Several counts as one. */
export function add(...all) {
  const sum = (key) => all.reduce((total, counts) => total + counts[key], 0);
  return { passed: sum("passed"), failed: sum("failed"), skipped: sum("skipped") };
}

/** `N passed, N failed`, and `, N skipped` where something was. */
export function summaryLine({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

function readJson(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : undefined;
}

function withCrash(counts, exitCode) {
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
