import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hasEnded, processIdentityIn, thisProcess } from "@gatehouse/processes";
import { parseJson } from "@gatehouse/std";
import { namesBelow, textOf } from "./read-journals.ts";
import { writeWhole } from "./write-whole.ts";

/** A launcher without a lock of the kernel: `shop.lock.<unique>.launcher`, with its process. */
const ending = ".launcher";

/**
 * Shows other processes that this one works on a team, from before its first step. Returns a function that ends it.
 * What killed launchers left is removed.
 */
export const leaveSign = async (lock: string): Promise<() => Promise<void>> => {
  for (const { file, isLeft } of await readSigns(lock)) if (isLeft) await rm(file, { force: true });
  const file = `${lock}.${randomUUID()}${ending}`;
  await writeWhole(file, JSON.stringify(thisProcess()));
  return () => rm(file, { force: true });
};

/** What launchers of a team left of themselves that have not ended. */
export const signsAt = async (lock: string): Promise<readonly string[]> =>
  (await readSigns(lock)).filter(({ isLeft }) => !isLeft).map(({ text }) => text);

/** The teams of which there are signs. */
export const signedTeams = async (locks: string): Promise<readonly string[]> =>
  (await namesBelow(locks, ending)).map((name) => name.replace(/\.lock\.[^.]+$/, ""));

type Sign = { readonly file: string; readonly text: string; readonly isLeft: boolean };

const readSigns = async (lock: string): Promise<readonly Sign[]> => {
  const folder = dirname(lock);
  const names = await namesBelow(folder, ending);
  const signs: Sign[] = [];
  for (const name of names.map((one) => `${encodeURIComponent(one)}${ending}`)) {
    if (!name.startsWith(`${basename(lock)}.`)) continue;
    const file = join(folder, name);
    const text = await textOf(file);
    if (text === null) continue;
    const launcher = processIdentityIn(parseJson(text));
    signs.push({ file, text, isLeft: launcher === null || hasEnded(launcher) });
  }
  return signs;
};
