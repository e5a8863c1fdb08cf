export { dataFolder, homeOf } from "@gatehouse/fs-kit";
export { packagedVersion, spokenVersion } from "./cli-version.ts";
export { execute, runPreflight } from "./execute.ts";
export { findCli, findProgram } from "./find-cli.ts";
export { readConsents } from "./ledger-file.ts";
export { momentOf, type Moment } from "./plan-full.ts";
export {
  argsOfPlan,
  planArgsOnly,
  type ArgsDiagnostic,
  type ArgsPlan,
  type SettingsPatch,
} from "./plan-args-only.ts";
export { planFull } from "./plan-full.ts";
export { readStatus, type StatusRequest } from "./read-status.ts";
export { locksFolder, turnLock } from "./turns/turn-lock.ts";
