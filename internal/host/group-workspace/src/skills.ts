import { isUtf8 } from "node:buffer";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { inFolder, readEntry } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";
import type { SkillText } from "./compose-claude-md.ts";

/** A skill of this host. */
export type Skill = SkillText & {
  /** The path of its folder, which has a `SKILL.md`. */
  readonly folder: string;
};

/** The folder in which the operator keeps the skills of all groups: `<name>/SKILL.md`, and further files. */
const skillsFolder = (dataDir: string): string => join(dataDir, "skills");

/** The names that a configuration accepts for a skill. Hidden folders are not skills. */
const skillName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

/** The limit on a text, bytes. A larger file is ignored. */
const maxTextBytes = 262_144;

/**
 * Finds the chosen skills of a group: all skills of the host, or the named ones. A skill is a folder, not a link, with a
 * `SKILL.md`. `missing` are the named skills that this host does not have.
 */
export const chosenSkills = async (
  dataDir: string,
  chosen: "all" | readonly string[],
): Promise<{ readonly skills: readonly Skill[]; readonly missing: readonly string[] }> => {
  const root = skillsFolder(dataDir);
  const names = chosen === "all" ? await namesIn(root) : [...new Set(chosen)].toSorted();
  const found = await Promise.all(names.map(async (name) => ({ name, skill: await skillIn(root, name) })));
  return {
    skills: found.flatMap(({ skill }) => skill ?? []),
    missing: chosen === "all" ? [] : found.filter(({ skill }) => skill === null).map(({ name }) => name),
  };
};

const namesIn = async (root: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(root, { withFileTypes: true });
    return entries
      .filter((entry) => entry.isDirectory() && skillName.test(entry.name))
      .map(({ name }) => name)
      .toSorted();
  } catch (error) {
    systemCode(error);
    return [];
  }
};

const skillIn = async (root: string, name: string): Promise<Skill | null> => {
  if (!skillName.test(name)) return null;
  const text = await textOf(root, name, "SKILL.md");
  if (text === null) return null;
  const instructions = (await textOf(root, name, "instructions.md")) ?? "";
  return { name, folder: join(root, name), description: descriptionIn(text), instructions };
};

/** Returns the `description` of a SKILL.md's front matter, on one line. */
const descriptionIn = (text: string): string => {
  const [, head = ""] = /^---\r?\n(.*?)\r?\n---/s.exec(text) ?? [];
  const [, description = ""] = /^description:[ \t]*(.*)$/m.exec(head) ?? [];
  return description
    .trim()
    .replace(/^(["'])(.*)\1$/, "$2")
    .replaceAll(/\p{C}/gu, " ")
    .slice(0, 500);
};

const textOf = async (root: string, skill: string, file: string): Promise<string | null> => {
  try {
    const { bytes } = await inFolder(root, skill, (folder) => readEntry(folder, file, maxTextBytes));
    return isUtf8(bytes) ? bytes.toString("utf8") : null;
  } catch (error) {
    systemCode(error);
    return null;
  }
};
