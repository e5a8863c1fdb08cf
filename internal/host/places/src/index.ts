export { agentImageName, versionLabel } from "./local/agent-image.ts";
export { runAgentTrial } from "./local/agent-trial.ts";
export { machineSeen } from "./facts.ts";
export { chooseForFolder, chooseRuntime } from "./choose-place.ts";
export type { ChosenPlace, OpenPlace, RuntimeFlags } from "./chosen-place.ts";
export { agentImageIn } from "./local/engine-row.ts";
export { processes } from "./local/process-row.ts";
export {
  bestFailure,
  engineNames,
  findEngine,
  type EngineName,
  type FoundEngine,
} from "./local/find-engine.ts";
export { isReplaced, packageContainerfile } from "./local/group-images.ts";
export { publishedBefore, usualNpmAge } from "./local/package-build.ts";
export {
  keepRuntime,
  keptLacks,
  openKeptCluster,
  processesInUse,
  readKeptRuntime,
  recordsIn,
  sentence,
} from "./runtime-in-use.ts";
