export { type CheckModel, type ModelCheck, modelChecker } from "./check-model.ts";
export { type AskedModel, type UnknownName } from "./models.ts";
export { type AgentCliFound, cliOnPath, describeCli, findClis } from "./find-clis.ts";
export { floors, tried } from "./floors.ts";
export { describeUnknown } from "./model-messages.ts";
export { chooseCli, chosenCli, chosenClisIn, linkCli, pathOfAgents } from "./own-clis.ts";
export { tryCli, type TryCliOptions } from "./try-cli.ts";
