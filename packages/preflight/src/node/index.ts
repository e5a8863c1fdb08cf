export { packagedVersion, spokenVersion } from "./cli-version.ts";
export { dataFolder, homeOf, prepareDataFolder, type DataFolderProblem } from "./data-folder.ts";
export { diagnose, type DoctorFlags } from "./diagnose.ts";
export { execute, runPreflight } from "./execute.ts";
export { acquireFileLock, type FileLock, type FileLockError } from "./file-lock.ts";
export { findCli, findProgram } from "./find-cli.ts";
export {
  paintFor,
  plainPaint,
  type Paint,
  printFailure,
  printJson,
  type Failure,
  type Io,
  type Output,
} from "./io.ts";
export { makeFolder } from "./make-folder.ts";
export { namedPath } from "./argument-parsers.ts";
export type { CliPaths } from "./option-parsers.ts";
export { planArgsOnly, type SettingsPatch } from "./plan-args-only.ts";
export { readStatus, type StatusRequest } from "./read-status.ts";
export { planFull } from "./plan-full.ts";
export { requestFrom, type PreflightFlags } from "./preflight-flags.ts";
export { createProgressLines, type ProgressLines } from "./progress-lines.ts";
export { addCliOptions, addProviderOptions, addRequestOptions, flagsOf } from "./request-options.ts";
export { runProgram, type Done, type Program } from "./run-program.ts";
export { startProcess } from "./start-process.ts";
export { systemCode } from "@gatehouse/std";
export { ownerAt, unsafeFolder, unsafeFolderAbove } from "./unsafe-folder.ts";
