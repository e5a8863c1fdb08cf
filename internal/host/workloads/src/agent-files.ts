import {
  explainSkills,
  instructionFiles,
  instructionsIn,
  memoryInstructions,
  skillFiles,
  type Skill,
} from "@gatehouse/group-workspace";
import { fail, ok, type Result } from "@gatehouse/std";
import type { AgentFiles } from "./workload-of.ts";

/** The agent that gets the files. */
type Reader = {
  readonly dataDir: string;
  readonly groupFolder: string;
  readonly account: string | null;
  /** The id of the account's person, or null. */
  readonly userId: string | null;
};

/** Reads the skills and instructions of an agent. The error is a sentence. */
export const readAgentFiles = async (
  { dataDir, groupFolder, account, userId }: Reader,
  skills: readonly Skill[],
): Promise<Result<AgentFiles, string>> => {
  const files = await skillFiles(skills);
  if (!files.ok) return fail(explainSkills(files.error));
  if (account === null) return ok({ account, skills: files.value, instructions: [] });
  const memory = userId === null ? "" : await memoryInstructions(dataDir, userId);
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
