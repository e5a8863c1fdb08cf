export {
  explainFolder,
  groupFolder,
  groupFolderRefusal,
  groupsFolder,
  makeGroupFolder,
} from "./group-folder.ts";
export { explainKeptFolder, keptGroupFolder, type KeptFolderError } from "./kept-folder.ts";
export { folderProblem, nameProblem } from "./group-names.ts";
export { likeWarnings, reservedIn } from "./look-alikes.ts";
export { explainInstructions } from "./instructions-error.ts";
export { instructionFileOf, instructionFiles } from "./instruction-files.ts";
export { memoryInstructions } from "./memory-instructions.ts";
export { instructionsIn, writeClaudeMd, writeInstructionFiles } from "./write-claude-md.ts";
export { chosenSkills, type Skill } from "./skills.ts";
export { explainSkills, skillFiles, type SkillFile } from "./skill-files.ts";
export type { Instructed } from "./compose-claude-md.ts";
export { cliInstructions } from "./cli-instructions.ts";
