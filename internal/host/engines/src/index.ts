export { agentImage } from "./agent-image.ts";
export { agentSockets, type AgentSockets } from "./agent-sockets.ts";
export { chooseRuntime, type ChosenRuntime, type RuntimeFlags } from "./choose-runtime.ts";
export { placedFilesIn, processesInUse, processRecordsIn, writeRuntimeInUse } from "./runtime-in-use.ts";
