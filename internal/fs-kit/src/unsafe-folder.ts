import { lstat, readlink, stat } from "node:fs/promises";
import { dirname, join, resolve, sep } from "node:path";
import { folderProblem, isFolder, isLink, parentProblem, type UnsafePlace } from "./unsafe-place.ts";
import { systemCode } from "@gatehouse/std";

/** Links that one path may lead through; Linux gives up at the same number (path_resolution(7)). */
const mostLinks = 40;

/**
 * The first folder on the way to a path in which somebody else than root and this account could put another thing in the
 * place of what is found there: also where a link stands, and where it leads. The path's own end is not looked at, and
 * parts that are missing are passed over. Null where there is none. Throws what the system says.
 */
export const unsafeFolderAbove = async (path: string, owner: number): Promise<UnsafePlace | null> => {
  const rest = partsOf(resolve(path));
  let links = 0;
  for (let at: string = sep; ;) {
    const problem = parentProblem(at, await lstat(at), owner);
    const part = rest.shift();
    if (problem !== null || part === undefined) return problem;
    const next = join(at, part);
    const there = await lstatIfThere(next);
    if (there === null) return null;
    if (isLink(there)) {
      // In a sticky folder anybody may make one.
      if (there.uid !== 0 && there.uid !== owner)
        return { code: "foreign-owner", path: next, uid: there.uid, owner };
      if (++links > mostLinks) return { code: "link", path: next };
      const target = await readlink(next);
      rest.unshift(...partsOf(target));
      if (target.startsWith(sep)) at = sep;
    } else if (rest.length === 0 || !isFolder(there)) return null;
    else at = next;
  }
};

/**
 * What keeps a folder from being used for what only its owner may decide: another owner than the account that asks, rights
 * of others, or the same above it. Root acts for the folder's owner. Null where it is fine or not there. Throws what the
 * system says.
 */
export const unsafeFolder = async (path: string): Promise<UnsafePlace | null> => {
  const asked = process.geteuid?.();
  // Windows has no owners as these.
  if (asked === undefined) return null;
  const there = await statIfThere(path);
  const owner = asked !== 0 ? asked : (there ?? (await nearestFolder(path))).uid;
  const above = await unsafeFolderAbove(path, owner);
  return above ?? (there === null ? null : folderProblem(path, there, owner));
};

/** Whose account works in a folder: its owner's, where root asks; of one that is missing the owner of the nearest above it. */
export const ownerAt = async (path: string): Promise<{ readonly uid: number; readonly gid: number }> =>
  (await statIfThere(path)) ?? nearestFolder(path);

const nearestFolder = async (path: string): Promise<{ readonly uid: number; readonly gid: number }> => {
  const above = dirname(resolve(path));
  return (await statIfThere(above)) ?? nearestFolder(above);
};

const partsOf = (path: string): string[] => path.split(sep).filter((part) => part !== "" && part !== ".");

const ifThere = async <T>(look: () => Promise<T>): Promise<T | null> => {
  try {
    return await look();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes(systemCode(error))) return null;
    throw error;
  }
};

const lstatIfThere = (path: string) => ifThere(() => lstat(path));
const statIfThere = (path: string) => ifThere(() => stat(path));
