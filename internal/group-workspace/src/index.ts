export {
  explainFolder,
  groupFolder,
  groupFolderRefusal,
  keptGroupFolder,
  makeGroupFolder,
} from "./group-folder.ts";
export { folderProblem, nameProblem } from "./group-names.ts";
export { explainInstructions, writeClaudeMd } from "./write-claude-md.ts";
export { cliInstructions } from "./cli-instructions.ts";
