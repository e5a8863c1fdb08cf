import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { Provider } from "../../index.ts";
import { explainUnsafe, makeFolder, unsafeFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** A CLI's state: the file or folder that it uses, and the one that it would use if only HOME decided. */
export type CliState = {
  readonly provider: Provider;
  readonly home: string;
  readonly file: string;
  readonly homeFile: string;
};

/** The lock for turns on a CLI's state, shared by our programs. `unavailable`: why there is none; usually null. */
export type TurnLock = { readonly path: string; readonly unavailable: string | null };

/** The folder of the locks for all state that belongs to a HOME. */
export const locksFolder = (home: string): string => join(home, ".gatehouse", "locks");

/**
 * The lock of a CLI's state, the same for all programs and data folders: in the state's HOME, or `.gatehouse.lock`
 * beside the state if a variable or a link moves the state out of HOME.
 */
export const turnLock = async ({ provider, home, file, homeFile }: CliState): Promise<TurnLock> => {
  const folder = await realOf(dirname(file));
  const own = join(await realOf(home), relative(home, dirname(homeFile)));
  if (folder !== own || basename(file) !== basename(homeFile))
    return { path: join(folder, ".gatehouse.lock"), unavailable: await whyNot(folder, makeStateFolder) };
  const locks = locksFolder(home);
  return { path: join(locks, provider), unavailable: await whyNot(locks, makeLocks) };
};

/** The CLI would make the folder too, but only after the turn. Its owner decides whether others may write there. */
const makeStateFolder = async (folder: string): Promise<null> => {
  await makeFolder(folder, 0o700);
  return null;
};

const makeLocks = async (locks: string): Promise<string | null> => {
  await makeFolder(dirname(locks), 0o711);
  await makeFolder(locks, 0o700);
  const place = await unsafeFolder(locks);
  return place === null ? null : explainUnsafe(place);
};

/** The system's error for the folder, or else the problem found in it. */
const whyNot = async (
  folder: string,
  prepare: (folder: string) => Promise<string | null>,
): Promise<string | null> => {
  try {
    return await prepare(folder);
  } catch (error) {
    return `${systemCode(error)}: ${folder}`;
  }
};

/** Also resolves a path that does not exist yet, so that the next program finds the same lock. */
const realOf = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return dirname(path) === path ? path : join(await realOf(dirname(path)), basename(path));
  }
};
