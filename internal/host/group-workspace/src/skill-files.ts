import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { Skill } from "./skills.ts";

/** The limits on a skill: bytes, and the number of files and folders. */
const [maxBytes, maxFiles] = [16_777_216, 2_000];

/** The error of reading the skills of a session. */
type SkillsError = {
  readonly code: "skill-too-large" | "skills-unusable";
  readonly skill: string;
  readonly detail: string;
};

/** A file or folder of a skill. Its path begins with the skill's name, and its separator is `/`. */
export type SkillFile = {
  readonly path: string;
  /** The path of the file on the host; null for a folder. */
  readonly source: string | null;
  readonly size: number;
  readonly mtimeMs: number;
  readonly isProgram: boolean;
};

/** Lists the plain files and folders of skills, without links and pipes: a link could lead to any file of the host. */
export const skillFiles = async (
  skills: readonly Skill[],
): Promise<Result<readonly SkillFile[], SkillsError>> => {
  const all: SkillFile[] = [];
  for (const { name, folder } of skills) {
    const files = await filesOf(name, folder);
    if (!files.ok) return files;
    all.push(...files.value);
  }
  return ok(all);
};

const filesOf = async (name: string, folder: string): Promise<Result<readonly SkillFile[], SkillsError>> => {
  try {
    const files = await filesIn(folder, name);
    const size = files.reduce((sum, file) => sum + file.size, 0);
    if (files.length <= maxFiles && size <= maxBytes) return ok(files);
    return fail({ code: "skill-too-large", skill: name, detail: `${files.length} files, ${size} bytes` });
  } catch (error) {
    return fail({ code: "skills-unusable", skill: name, detail: systemCode(error) });
  }
};

/** Explains an error of skills in a sentence for the operator. */
export const explainSkills = ({ code, skill, detail }: SkillsError): string =>
  code === "skill-too-large"
    ? `The skill ${skill} is too large for a session (${detail}): at most ${maxFiles} files and ${maxBytes} bytes.`
    : `The skills of the session cannot be read (${skill}: ${detail}).`;

const filesIn = async (
  folder: string,
  path: string,
  found: SkillFile[] = [],
): Promise<readonly SkillFile[]> => {
  found.push({ path, source: null, size: 0, mtimeMs: 0, isProgram: false });
  for (const name of (await namesIn(folder)).toSorted()) {
    if (found.length > maxFiles) break;
    const source = join(folder, name);
    const below = `${path}/${name}`;
    const stat = await lstat(source);
    if (stat.isDirectory()) await filesIn(source, below, found);
    if (!stat.isFile()) continue;
    const { size, mtimeMs, mode } = stat;
    found.push({ path: below, source, size, mtimeMs, isProgram: (mode & 0o100) !== 0 });
  }
  return found;
};

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};
