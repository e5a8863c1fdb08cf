export { agentDoors, agentImage, placeAgentNode, placeAgentPrograms } from "./agent-image.ts";
export { agentSockets, type AgentSockets } from "./agent-sockets.ts";
export { chooseForFolder, chooseRuntime } from "./choose-runtime.ts";
export type { ChosenRuntime, RuntimeFlags } from "./chosen-runtime.ts";
export {
  keepRuntime,
  openKeptCluster,
  placedFilesIn,
  processesInUse,
  readKeptRuntime,
  recordsIn,
  sentence,
} from "./runtime-in-use.ts";
