import { chmod, lstat, mkdir, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { makeFolder } from "@gatehouse/fs-kit";
import {
  instructionFiles,
  instructionsIn,
  memoryInstructions,
  replaceFile,
} from "@gatehouse/group-workspace";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { HeldSession } from "../held/held-session.ts";

/** What is in a session's folder beside the files of its transport. */
type SessionPlaces = {
  /** The host's: the container only reads it. */
  readonly in: string;
  /** Copies of the group's skills. */
  readonly skills: string;
  /** The HOME of a container that runs as the host's own account. */
  readonly home: string;
  /** Where a container of another account works: the group's folder is closed to it. */
  readonly work: string;
};

export const placesOf = ({ folder }: Pick<HeldSession, "folder">): SessionPlaces => ({
  in: join(folder, "in"),
  skills: join(folder, "in", "skills"),
  home: join(folder, "home"),
  work: join(folder, "work"),
});

/** Where the CLIs of providers look for skills: below their HOME, and below the folder that they work in. */
const skillPlaces = [".claude", ".agents"] as const;

/** The HOME of a container of the host's own account, with its skills where CLIs look for them. */
export const makeHome = async (places: SessionPlaces): Promise<Result<null, string>> => {
  try {
    await makeFolder(places.home, 0o700);
    await linkSkills(places, places.home);
    return ok(null);
  } catch (error) {
    return fail(`The folder ${places.home} cannot be made (${systemCode(error)}).`);
  }
};

/**
 * The folder that a container of another account works in. What the host puts there is the host's: the sticky
 * bit keeps others from replacing it.
 */
export const makeWorkFolder = async (
  places: SessionPlaces,
  instructed: Instructed,
): Promise<Result<null, string>> => {
  try {
    await makeFolder(places.work, 0o711);
    await chmod(places.work, 0o1777);
    await linkSkills(places, places.work);
    return await copyInstructions(places, instructed);
  } catch (error) {
    return fail(`The folder ${places.work} cannot be made (${systemCode(error)}).`);
  }
};

/** Inputs of the instructions in a work folder. */
export type Instructed = {
  readonly dataDir: string;
  readonly groupFolder: string;
  /** The id of the person whose account the container runs as; null if there is none. */
  readonly userId: string | null;
};

/**
 * Brings the instructions in the work folder, if there is one, up to date: those of the group's folder, and where
 * the person's memory is. The work folder is this session's alone; the group's folder is for everybody's sessions.
 */
export const copyInstructions = async (
  { work }: SessionPlaces,
  { dataDir, groupFolder, userId }: Instructed,
): Promise<Result<null, string>> => {
  if (!(await isFolder(work))) return ok(null);
  const memory = userId === null ? "" : await memoryInstructions(dataDir, userId);
  for (const { name, text } of withMemory(await instructionsIn(dataDir, groupFolder), memory)) {
    const written = await replaceFile(join(work, name), text, 0o644);
    if (!written.ok) return fail(`${join(work, name)} cannot be written (${written.error.code}).`);
  }
  return ok(null);
};

type InstructionText = { readonly name: string; readonly text: string };

/** A group without instructions has no file: then each one is made that some CLI reads. */
const withMemory = (files: readonly InstructionText[], memory: string): readonly InstructionText[] => {
  if (memory === "") return files;
  const all = files.length > 0 ? files : instructionFiles.map((name) => ({ name, text: "" }));
  return all.map(({ name, text }) => ({
    name,
    text: `${text === "" ? "" : `${text.trimEnd()}\n\n`}${memory}\n`,
  }));
};

/** What stands there already is the agent's, and stays. */
const linkSkills = async ({ skills }: SessionPlaces, root: string): Promise<void> => {
  for (const name of skillPlaces) {
    const folder = join(root, name);
    await makeReal(folder);
    const link = join(folder, "skills");
    if (!(await isFolder(folder)) || (await isThere(link))) continue;
    await symlink(relative(folder, skills), link);
  }
};

const makeReal = async (folder: string): Promise<void> => {
  if (!(await isThere(folder))) await mkdir(folder, { mode: 0o755 });
};

const isThere = async (path: string): Promise<boolean> => (await statOf(path)) !== null;
const isFolder = async (path: string): Promise<boolean> => (await statOf(path))?.isDirectory() === true;

const statOf = async (path: string): Promise<Awaited<ReturnType<typeof lstat>> | null> => {
  try {
    return await lstat(path);
  } catch (error) {
    if (systemCode(error) !== "ENOENT") throw error;
    return null;
  }
};
