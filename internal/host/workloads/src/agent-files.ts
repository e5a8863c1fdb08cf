import {
  explainSkills,
  instructionFiles,
  instructionsIn,
  memoryInstructions,
  skillFiles,
  type Skill,
  type SkillFile,
} from "@gatehouse/group-workspace";
import { fail, ok, type Result } from "@gatehouse/std";
import type { FileIn, FilesIn } from "@nc/container-runtime";

/** The skills and instructions of an agent, which are updated while it runs. */
export type AgentFiles = {
  /** The account that the agent runs as; null for the host's account. */
  readonly account: string | null;
  readonly skills: readonly SkillFile[];
  /** The group's instructions, for another account: it cannot enter the group's folder. */
  readonly instructions: readonly { readonly name: string; readonly text: string }[];
};

/** Paths inside the workload's folder: its skills, and where an agent of another account works. */
export const skillsIn = "in/skills";
export const workIn = "work";

/** The agent that gets the files. */
type Reader = {
  readonly dataDir: string;
  readonly groupFolder: string;
  readonly account: string | null;
  /** The name of the folders of the account's person, or null. */
  readonly personFolder: string | null;
};

/** Reads the skills and instructions of an agent. The error is a sentence. */
export const readAgentFiles = async (
  { dataDir, groupFolder, account, personFolder }: Reader,
  skills: readonly Skill[],
): Promise<Result<AgentFiles, string>> => {
  const files = await skillFiles(skills);
  if (!files.ok) return fail(explainSkills(files.error));
  if (account === null) return ok({ account, skills: files.value, instructions: [] });
  const memory = personFolder === null ? "" : await memoryInstructions(dataDir, personFolder);
  const instructions = withMemory(await instructionsIn(dataDir, groupFolder), memory);
  return ok({ account, skills: files.value, instructions });
};

/** Adds the memory to each file. Without any file, makes one for each name that a CLI reads. */
const withMemory = (files: AgentFiles["instructions"], memory: string): AgentFiles["instructions"] => {
  if (memory === "") return files;
  const all = files.length > 0 ? files : instructionFiles.map((name) => ({ name, text: "" }));
  return all.map(({ name, text }) => ({
    name,
    text: `${text === "" ? "" : `${text.trimEnd()}\n\n`}${memory}\n`,
  }));
};

/** Returns the files that a change of the group's configuration replaces while the agent runs. */
export const agentFilesOf = ({ account, skills, instructions }: AgentFiles): Omit<FilesIn, "folder"> => ({
  whole: [skillsIn],
  entries: [
    ...skills.map(skillEntry),
    ...(account === null ? [] : instructions.map(({ name, text }) => textFile(`${workIn}/${name}`, text))),
  ],
});

const skillEntry = ({ path, source, size, mtimeMs, isProgram }: SkillFile): FileIn =>
  source === null
    ? { kind: "folder", path: `${skillsIn}/${path}` }
    : {
        kind: "file",
        path: `${skillsIn}/${path}`,
        mode: isProgram ? 0o700 : 0o600,
        content: { source, size, mtimeMs },
      };

/** A file with this text. */
export const textFile = (path: string, content: string, mode = 0o600): FileIn => ({
  kind: "file",
  path,
  mode,
  content,
});
