export { readAgentFiles } from "./agent-files.ts";
export { installPackages, type InstallDeps, type WantedPackages } from "./install-packages.ts";
export { configOf, writeInstructions } from "./instruct.ts";
export { isolatedConfig, prepareContainer, type Prepared } from "./prepare-container.ts";
export {
  type MachinePlace,
  type MachineWorkload,
  prepareForMachine,
  specOnMachine,
} from "./machine-workload.ts";
export { secretsOfAgent } from "./secrets-of-agent.ts";
export { findSessionLogs, sessionFolder, sessionsFolder } from "./session-folder.ts";
export { spooledWork, type SpooledWork } from "./spooled-work.ts";
export { neededPackages } from "./needed-packages.ts";
export type {
  AgentDoors,
  AgentImage,
  AgentSandbox,
  GroupImages,
  ImageNeeds,
  PackageFolders,
  WorkloadDeps,
} from "./workload-deps.ts";
export { agentFilesOf } from "./workload-of.ts";
