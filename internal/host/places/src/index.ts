export {
  agentDoors,
  agentImage,
  agentImageName,
  placeAgentNode,
  placeAgentPrograms,
  versionLabel,
} from "./local/agent-image.ts";
export { agentSockets, type AgentSockets } from "./local/agent-sockets.ts";
export { agentImageIn, chooseForFolder, chooseRuntime } from "./choose-runtime.ts";
export type { ChosenRuntime, RuntimeFlags } from "./chosen-runtime.ts";
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
  openKeptCluster,
  placedFilesIn,
  processesInUse,
  readKeptRuntime,
  recordsIn,
  sentence,
} from "./runtime-in-use.ts";
