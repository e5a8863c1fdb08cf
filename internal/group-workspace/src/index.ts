export { explainFolder, groupFolder, groupFolderRefusal, makeGroupFolder } from "./group-folder.ts";
export { explainKeptFolder, keptGroupFolder, type KeptFolderError } from "./kept-folder.ts";
export { folderProblem, nameProblem } from "./group-names.ts";
export { explainInstructions } from "./instructions-error.ts";
export { instructionsIn, replaceFile, writeClaudeMd, writeInstructionFiles } from "./write-claude-md.ts";
export { chosenSkills, type Skill } from "./skills.ts";
export { copySkills, explainSkills } from "./copy-skills.ts";
export { cliInstructions } from "./cli-instructions.ts";
