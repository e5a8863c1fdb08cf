import { chmod, lstat, mkdir, symlink } from "node:fs/promises";
import { join, relative } from "node:path";
import { makeFolder } from "@gatehouse/fs-kit";
import { instructionsIn, replaceFile } from "@gatehouse/group-workspace";
import { fail, ok, systemCode, type Result } from "@gatehouse/std";
import type { HeldSession } from "../held/held-session.ts";

/** What is in a session's folder beside the files of its transport. */
export type SessionPlaces = {
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
  dataDir: string,
  groupFolder: string,
): Promise<Result<null, string>> => {
  try {
    await makeFolder(places.work, 0o711);
    await chmod(places.work, 0o1777);
    await linkSkills(places, places.work);
    return await copyInstructions(places, dataDir, groupFolder);
  } catch (error) {
    return fail(`The folder ${places.work} cannot be made (${systemCode(error)}).`);
  }
};

/** Brings the instructions in the work folder, if there is one, up to date with those of the group's folder. */
export const copyInstructions = async (
  { work }: SessionPlaces,
  dataDir: string,
  groupFolder: string,
): Promise<Result<null, string>> => {
  if (!(await isFolder(work))) return ok(null);
  for (const { name, text } of await instructionsIn(dataDir, groupFolder)) {
    const written = await replaceFile(join(work, name), text, 0o644);
    if (!written.ok) return fail(`${join(work, name)} cannot be written (${written.error.code}).`);
  }
  return ok(null);
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
