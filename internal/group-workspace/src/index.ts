export { explainFolder, folderProblem, groupFolder, makeGroupFolder, nameProblem } from "./group-folder.ts";
export { explainInstructions, writeClaudeMd } from "./write-claude-md.ts";
export { cliInstructions } from "./cli-instructions.ts";
