import { existsSync, readFileSync } from "node:fs";

/** The counts in vitest's JSON report. */
export function readVitest(file, exitCode) {
  return read(file, exitCode, (report) => ({
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }));
}

/** The counts in compat's JSON results. */
export function readCounts(file, exitCode) {
  return read(file, exitCode, ({ passed, failed, skipped }) => ({ passed, failed, skipped }));
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

/**
 * A run that crashed before it wrote its report, or that failed without a failed test, counts as one failure.
 */
function read(file, exitCode, countsOf) {
  if (!existsSync(file)) return { passed: 0, failed: 1, skipped: 0 };
  const counts = countsOf(JSON.parse(readFileSync(file, "utf8")));
  return exitCode !== 0 && counts.failed === 0 ? { ...counts, failed: 1 } : counts;
}
