import { randomUUID } from "node:crypto";
import { rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { replaceFile } from "@gatehouse/fs-kit";
import { hasEnded, processIdentityIn, thisProcess } from "@gatehouse/processes";
import { parseJson } from "@gatehouse/std";
import { namesBelow, textOf } from "./read-journals.ts";

/** The ending of a launcher's record, for a launcher without a kernel lock: `shop.lock.<unique>.launcher`. */
const ending = ".launcher";

/**
 * Records that this process is launching a team, before its first step, so that other processes know. Returns a function
 * that removes the record. Also removes the records of launchers that have ended.
 */
export const recordLauncher = async (lock: string): Promise<() => Promise<void>> => {
  for (const { file, isStale } of await readRecords(lock)) if (isStale) await rm(file, { force: true });
  const file = `${lock}.${randomUUID()}${ending}`;
  await replaceFile(file, JSON.stringify(thisProcess()));
  return () => rm(file, { force: true });
};

/** The records of a team's launchers that are still running. */
export const runningLaunchers = async (lock: string): Promise<readonly string[]> =>
  (await readRecords(lock)).filter(({ isStale }) => !isStale).map(({ text }) => text);

/** The teams with a launcher's record. */
export const recordedTeams = async (locks: string): Promise<readonly string[]> =>
  (await namesBelow(locks, ending)).map((name) => name.replace(/\.lock\.[^.]+$/, ""));

type LauncherRecord = { readonly file: string; readonly text: string; readonly isStale: boolean };

const readRecords = async (lock: string): Promise<readonly LauncherRecord[]> => {
  const folder = dirname(lock);
  const names = await namesBelow(folder, ending);
  const records: LauncherRecord[] = [];
  for (const name of names.map((one) => `${encodeURIComponent(one)}${ending}`)) {
    if (!name.startsWith(`${basename(lock)}.`)) continue;
    const file = join(folder, name);
    const text = await textOf(file);
    if (text === null) continue;
    const launcher = processIdentityIn(parseJson(text));
    records.push({ file, text, isStale: launcher === null || hasEnded(launcher) });
  }
  return records;
};
