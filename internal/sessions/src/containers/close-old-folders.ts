import { chmod, lstat, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { systemCode } from "@gatehouse/std";

/** Files of an older build in a folder that other accounts may enter. */
const handedIn = ["container.json", "skills", "bin"] as const;

/**
 * Closes what an older build left for agents of other accounts: files in `in`, which are handed in elsewhere now, and the
 * folder `work`, which every account could read and write. What agents made there stays, for the host's account alone.
 * Returns the folders that it closed.
 */
export const closeOldFolders = async (sessionsDir: string): Promise<readonly string[]> => {
  const closed: string[] = [];
  for (const group of await foldersIn(sessionsDir))
    for (const session of await foldersIn(group)) {
      if (await closeWork(join(session, "work"))) closed.push(join(session, "work"));
      for (const name of ["in", "out"]) await closeList(join(session, name));
      if (await isOpen(join(session, "in")))
        for (const name of handedIn) await rm(join(session, "in", name), { recursive: true, force: true });
    }
  return closed;
};

const closeWork = async (work: string): Promise<boolean> => {
  if (!(await isOpen(work))) return false;
  await chmod(work, 0o700);
  return true;
};

/** Attachments go through a folder that other accounts may pass; none of them lists it. */
const closeList = async (path: string): Promise<void> => {
  const mode = await modeOf(path);
  if ((mode & 0o044) !== 0) await chmod(path, mode & 0o7733);
};

const isOpen = async (path: string): Promise<boolean> => ((await modeOf(path)) & 0o007) !== 0;

/** The rights of a folder; 0 where there is none, or a link. */
const modeOf = async (path: string): Promise<number> => {
  try {
    const stat = await lstat(path);
    return stat.isDirectory() ? stat.mode & 0o7777 : 0;
  } catch (error) {
    if (systemCode(error) === "ENOENT") return 0;
    throw error;
  }
};

const foldersIn = async (path: string): Promise<readonly string[]> => {
  try {
    const entries = await readdir(path, { withFileTypes: true });
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name));
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};
