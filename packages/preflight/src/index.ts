export { isPending } from "./plan.ts";
export type { CliError, FindCliOptions, FoundCli, PendingFolder, PreflightPlan } from "./plan.ts";
export { exitCodeOf } from "./report.ts";
export type {
  Diagnostic,
  DiagnosticCode,
  Grant,
  PreflightReport,
  PreflightResult,
  Timings,
} from "./report.ts";
export { providers } from "./request.ts";
export type { Environment, PreflightProgress, PreflightRequest, Provider, Watch } from "./request.ts";
export type { Result } from "./result.ts";
export { codes } from "./statuses.ts";
export type { Code, Status } from "./statuses.ts";
