export { packagedVersion, spokenVersion } from "./cli-version.ts";

export { execute, runPreflight } from "./execute.ts";

export { findCli, findProgram } from "./find-cli.ts";

export { planArgsOnly, type SettingsPatch } from "./plan-args-only.ts";
export { readStatus, type StatusRequest } from "./read-status.ts";
export { planFull } from "./plan-full.ts";

export { systemCode } from "@gatehouse/std";
export { readConsents } from "./ledger-file.ts";
export { locksFolder, turnLock } from "./turn-lock.ts";
