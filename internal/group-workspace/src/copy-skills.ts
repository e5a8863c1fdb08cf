import { randomUUID } from "node:crypto";
import { constants } from "node:fs";
import { chmod, copyFile, lstat, mkdir, readdir, rename, rm, utimes } from "node:fs/promises";
import { join } from "node:path";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { Skill } from "./skills.ts";

/** Largest skill: bytes, and files with folders. */
const [mostBytes, mostFiles] = [16_777_216, 2_000];

/** Why the skills of a session are not as they should be. */
export type SkillsError = {
  readonly code: "skill-too-large" | "skills-unusable";
  readonly skill: string;
  readonly detail: string;
};

/**
 * Makes a session's folder of skills what was chosen for its group: copies, so that no agent changes another
 * group's, of plain files and folders only. A skill that did not change is left as it is; one that was not
 * chosen is removed.
 */
export const copySkills = async (
  skills: readonly Skill[],
  target: string,
): Promise<Result<null, SkillsError>> => {
  let at = target;
  try {
    await makeReal(target);
    for (const name of await readdir(target))
      if (!skills.some((skill) => skill.name === name)) await rm(join(target, name), { recursive: true });
    for (const { name, folder } of skills) {
      at = name;
      const files = await filesIn(folder);
      const size = files.reduce((sum, file) => sum + file.size, 0);
      if (files.length > mostFiles || size > mostBytes)
        return fail({ code: "skill-too-large", skill: name, detail: `${files.length} files, ${size} bytes` });
      const there = await filesIn(join(target, name));
      if (sameFiles(files, there)) continue;
      await replace(folder, files, join(target, name));
    }
    return ok(null);
  } catch (error) {
    return fail({ code: "skills-unusable", skill: at, detail: systemCode(error) });
  }
};

/** A sentence for an operator. */
export const explainSkills = ({ code, skill, detail }: SkillsError): string =>
  code === "skill-too-large"
    ? `The skill ${skill} is too large for a session (${detail}): at most ${mostFiles} files and ${mostBytes} bytes.`
    : `The skills of the session could not be written (${skill}: ${detail}).`;

type Entry = {
  readonly path: string;
  readonly isFolder: boolean;
  readonly size: number;
  readonly mtimeMs: number;
  readonly isProgram: boolean;
};

/** Plain files and folders, by path. Links and pipes are left out: they could lead to any file of the host. */
const filesIn = async (folder: string, below = "", found: Entry[] = []): Promise<readonly Entry[]> => {
  const names = await namesIn(join(folder, below));
  for (const name of names.toSorted()) {
    if (found.length > mostFiles) break;
    const path = join(below, name);
    const stat = await lstat(join(folder, path));
    const isFolder = stat.isDirectory();
    if (!isFolder && !stat.isFile()) continue;
    const { size, mtimeMs, mode } = stat;
    const isProgram = !isFolder && (mode & 0o100) !== 0;
    found.push({ path, isFolder, size: isFolder ? 0 : size, mtimeMs, isProgram });
    if (isFolder) await filesIn(folder, path, found);
  }
  return found;
};

const namesIn = async (folder: string): Promise<readonly string[]> => {
  try {
    if (!(await lstat(folder)).isDirectory()) return [];
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};

/** A copy has its file's time, to the millisecond. */
const sameFiles = (one: readonly Entry[], other: readonly Entry[]): boolean => {
  const signature = (files: readonly Entry[]): string =>
    JSON.stringify(
      files.map(({ path, isFolder, size, mtimeMs, isProgram }) =>
        isFolder ? [path] : [path, size, Math.round(mtimeMs), isProgram],
      ),
    );
  return signature(one) === signature(other);
};

/** Copied beside it, then put in its place. */
const replace = async (source: string, files: readonly Entry[], target: string): Promise<void> => {
  const fresh = join(target, "..", `.${randomUUID()}`);
  try {
    await mkdir(fresh, { mode: 0o755 });
    for (const { path, isFolder, isProgram, mtimeMs } of files) {
      const to = join(fresh, path);
      if (isFolder) {
        await mkdir(to, { mode: 0o755 });
        continue;
      }
      await copyFile(join(source, path), to, constants.COPYFILE_EXCL);
      await chmod(to, isProgram ? 0o755 : 0o644);
      const time = Math.round(mtimeMs) / 1000;
      await utimes(to, time, time);
    }
    await rm(target, { recursive: true, force: true });
    await rename(fresh, target);
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
};

/** A real folder of the host's own: what stands in its place, a link for one, is removed. */
const makeReal = async (folder: string): Promise<void> => {
  const there = await lstat(folder).catch((error: unknown) => {
    if (systemCode(error) === "ENOENT") return null;
    throw error;
  });
  if (there?.isDirectory() === true) return;
  if (there !== null) await rm(folder);
  await mkdir(folder, { recursive: true, mode: 0o755 });
};
