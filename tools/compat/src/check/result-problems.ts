import type { Box } from "../box/box.ts";
import { differs } from "./differs.ts";
import type { PreflightResult, PreflightRun } from "../start/preflight-run.ts";
import type { Expected } from "../scenarios/scenario.ts";

/** Keys are pressed only by way of the dialog, not over the control protocol. */
const viaProblems = ({ via, keys, dialogs }: PreflightResult, expected: "control" | "dialog"): string[] => [
  ...differs("via", via, expected),
  ...differs("whether keys were pressed", keys !== undefined && keys > 0, expected === "dialog"),
  ...differs("whether a dialog was seen", dialogs !== undefined, expected === "dialog"),
];

type ExpectedReport = Pick<Expected, "exit" | "results">;

/** Compares the report with the expected results. */
export const resultProblems = (
  box: Box,
  { exitCode, report }: PreflightRun,
  expected: ExpectedReport,
): string[] => [
  ...differs("the exit code", exitCode, expected.exit),
  ...differs("ok", report.ok, expected.exit === 0),
  ...differs("the number of results", report.results.length, expected.results.length),
  ...expected.results.flatMap(({ status, code, trustKey, via, grants }, at) => {
    const result = report.results[at];
    if (result === undefined) return [];
    const given = result.grants?.map(({ kind, name }) => `${kind} ${name}`);
    const problems = [
      ...differs("status", result.status, status),
      ...differs("code", result.code, code),
      ...differs(
        "trustKey",
        result.trustKey,
        trustKey === null ? null : box.path(trustKey).replace(/\/$/, ""),
      ),
      ...(via === undefined ? [] : viaProblems(result, via)),
      ...(grants === undefined ? [] : differs("grants", given, grants)),
    ];
    const said =
      problems.length > 0 ? [`it said: ${result.message}`, ...(result.screen ? [result.screen] : [])] : [];
    return [...problems, ...said].map((problem) => `${result.workspace}: ${problem}`);
  }),
];
