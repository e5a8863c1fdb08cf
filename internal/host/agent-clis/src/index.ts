export { type CheckModel, type ModelCheck, modelChecker } from "./check-model.ts";
export { type AskedModel, type UnknownName } from "./models.ts";
export { type AgentCliFound, cliOnPath, describeCli, findClis, programOnPath } from "./find-clis.ts";
export { describeUnknown } from "./model-messages.ts";
export { chooseCli, chosenCli, chosenClisIn, linkCli, pathOfAgents } from "./own-clis.ts";
export {
  changeOwnProviders,
  explainOwnProviders,
  ownPrefix,
  ownProviderOf,
  parseOwnProvider,
  readOwnProviders,
  type OwnProvider,
} from "./own-providers.ts";
export { tryCli, type TryCliOptions } from "./try-cli.ts";
