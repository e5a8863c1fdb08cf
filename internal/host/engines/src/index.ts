export {
  agentDoors,
  agentImage,
  agentImageName,
  placeAgentNode,
  placeAgentPrograms,
  versionLabel,
} from "./agent-image.ts";
export { agentSockets, type AgentSockets } from "./agent-sockets.ts";
export { agentImageIn, chooseForFolder, chooseRuntime } from "./choose-runtime.ts";
export type { ChosenRuntime, RuntimeFlags } from "./chosen-runtime.ts";
export { bestFailure, engineNames, findEngine, type EngineName, type FoundEngine } from "./find-engine.ts";
export { isReplaced, packageContainerfile } from "./group-images.ts";
export { publishedBefore, usualNpmAge } from "./package-build.ts";
export {
  keepRuntime,
  openKeptCluster,
  placedFilesIn,
  processesInUse,
  readKeptRuntime,
  recordsIn,
  sentence,
} from "./runtime-in-use.ts";
