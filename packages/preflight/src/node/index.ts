export { packagedVersion, spokenVersion } from "./cli-version.ts";
export { dataFolder, homeOf } from "./data-folder.ts";
export { execute, runPreflight } from "./execute.ts";
export { findCli } from "./find-cli.ts";
export { planFull } from "./plan-full.ts";
