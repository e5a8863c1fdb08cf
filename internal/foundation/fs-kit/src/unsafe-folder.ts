import type { Stats } from "node:fs";
import { lstat, readlink, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { folderProblem, isFolder, isLink, parentProblem, type UnsafePlace } from "./unsafe-place.ts";
import { systemCode } from "@gatehouse/std";

/** Most links that one path may lead through; Linux has the same limit (path_resolution(7)). */
const mostLinks = 40;

/**
 * Finds the first folder in a path where an account other than root and this one could replace the next
 * entry. Checks the path to each link and to its target. Does not check the last entry of the path, and skips
 * missing parts. Null if there is no such folder. Throws system errors.
 */
export const unsafeFolderAbove = async (path: string, owner: number): Promise<UnsafePlace | null> => {
  const rest = partsOf(resolve(path));
  let links = 0;
  let [at, facts]: [string, Stats] = [sep, await lstat(sep)];
  for (;;) {
    const problem = parentProblem(at, facts, owner);
    const part = rest.shift();
    if (problem !== null || part === undefined) return problem;
    const next = join(at, part);
    const there = await lstatIfThere(next);
    if (there === null) return null;
    if (isLink(there)) {
      // In a sticky folder any account may make an entry.
      if (there.uid !== 0 && there.uid !== owner)
        return { code: "foreign-owner", path: next, uid: there.uid, owner };
      if (++links > mostLinks) return { code: "link", path: next };
      const target = await readlink(next);
      rest.unshift(...partsOf(target));
      if (target.startsWith(sep)) [at, facts] = [sep, await lstat(sep)];
    } else if (rest.length === 0 || !isFolder(there)) return null;
    else [at, facts] = [next, there];
  }
};

/**
 * The problem of a folder whose files other accounts could control: another owner, rights of other accounts, or an
 * unsafe parent. Root acts for the folder's owner. Null if the folder is safe or missing. Throws system errors.
 */
export const unsafeFolder = async (path: string): Promise<UnsafePlace | null> => {
  const asked = process.geteuid?.();
  // Windows has no such owners.
  if (asked === undefined) return null;
  const there = await statIfThere(path);
  const owner = asked !== 0 ? asked : (there ?? (await nearestFolder(path))).uid;
  const above = await unsafeFolderAbove(path, owner);
  return above ?? (there === null ? null : folderProblem(path, there, owner));
};

/**
 * The account that root acts for in a folder: its owner, or for a missing folder the owner of the nearest one
 * above.
 */
export const ownerAt = async (path: string): Promise<{ readonly uid: number; readonly gid: number }> =>
  (await statIfThere(path)) ?? nearestFolder(path);

const nearestFolder = async (path: string): Promise<{ readonly uid: number; readonly gid: number }> => {
  const above = dirname(resolve(path));
  return (await statIfThere(above)) ?? nearestFolder(above);
};

const partsOf = (path: string): string[] => path.split(sep).filter((part) => part !== "" && part !== ".");

const ifThere = async <T>(read: () => Promise<T>): Promise<T | null> => {
  try {
    return await read();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return null;
    throw error;
  }
};

const lstatIfThere = (path: string) => ifThere(() => lstat(path));
const statIfThere = (path: string) => ifThere(() => stat(path));
