import { realpath } from "node:fs/promises";
import { basename, dirname, join, relative } from "node:path";
import type { Provider } from "../../index.ts";
import { explainUnsafe, makeFolder, unsafeFolder } from "@gatehouse/fs-kit";
import { systemCode } from "@gatehouse/std";

/** A CLI's state: the file or folder that it uses, and the one that it would use if HOME alone said where. */
export type CliState = {
  readonly provider: Provider;
  readonly home: string;
  readonly file: string;
  readonly homeFile: string;
};

/** Where programs of ours take turns on a CLI's state. `unavailable` is why there can be no lock; null as a rule. */
export type TurnLock = { readonly path: string; readonly unavailable: string | null };

/** Where the locks are of all state that is a HOME's own. */
export const locksFolder = (home: string): string => join(home, ".gatehouse", "locks");

/**
 * The lock of a CLI's state, the same for every program and every data folder: in the HOME that the state belongs to, its
 * folder made if need be; or `.gatehouse.lock` beside the state, where a variable (or a link) puts it elsewhere.
 */
export const turnLock = async ({ provider, home, file, homeFile }: CliState): Promise<TurnLock> => {
  const folder = await realOf(dirname(file));
  const own = join(await realOf(home), relative(home, dirname(homeFile)));
  if (folder !== own || basename(file) !== basename(homeFile))
    return { path: join(folder, ".gatehouse.lock"), unavailable: await whyNot(folder, makeStateFolder) };
  const locks = locksFolder(home);
  return { path: join(locks, provider), unavailable: await whyNot(locks, makeLocks) };
};

/** The CLI would make it as well, but after the turn. Who else may write there is its owner's choice. */
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

/** What the system said of the folder, or else what was found there. */
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

/** Also of what is not there yet: the next program finds it. */
const realOf = async (path: string): Promise<string> => {
  try {
    return await realpath(path);
  } catch (error) {
    systemCode(error);
    return dirname(path) === path ? path : join(await realOf(dirname(path)), basename(path));
  }
};
