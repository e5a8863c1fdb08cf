import { readdir } from "node:fs/promises";
import { readPlainFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";
import { lastOf, type JournalEntry, type KeptLaunch } from "../../lifecycle/journal.ts";
import { launchFiles, namesIn } from "./launch-files.ts";

/** The ids of all launches of a data folder, the oldest first. */
export const launchIds = async (dataDir: string): Promise<readonly string[]> =>
  [...(await namesBelow(launchFiles(dataDir).journals, ".jsonl"))].sort();

/** The names of the files of a folder that have this ending; none if there is no folder. Throws other system errors. */
export const namesBelow = async (folder: string, ending: string): Promise<readonly string[]> => {
  try {
    return namesIn(await readdir(folder), ending);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};

/** The journal of a launch; null if there is none, or its first entry was never whole. */
export const readJournal = async (dataDir: string, id: string): Promise<KeptLaunch | null> => {
  const text = await textOf(launchFiles(dataDir).journal(id));
  const entries = (text ?? "").split("\n").flatMap((line) => {
    const entry = parseJson(line);
    return isEntry(entry) ? [entry] : [];
  });
  return lastOf(entries, "run")?.run.id === id ? { id, entries } : null;
};

/** All launches, the oldest first. */
export const readJournals = async (dataDir: string): Promise<readonly KeptLaunch[]> => {
  const all = await Promise.all((await launchIds(dataDir)).map((id) => readJournal(dataDir, id)));
  return all
    .filter((launch) => launch !== null)
    .sort((one, other) => beganAt(one).localeCompare(beganAt(other)));
};

/** Ids tell seconds only. */
const beganAt = ({ entries }: KeptLaunch): string => lastOf(entries, "run")?.at ?? "";

/** A line that a kill -9 cut short is no entry. */
const isEntry = (value: unknown): value is JournalEntry => {
  const { type, at } = Object(value) as Record<string, unknown>;
  return typeof type === "string" && typeof at === "string";
};

/** A launch of 500 members writes some megabytes. */
const mostBytes = 2 ** 28;

/** The text of a file; null if there is none, or a named pipe has its name, which would block the reader. */
export const textOf = async (file: string): Promise<string | null> => {
  try {
    return await readPlainFile(file, mostBytes);
  } catch (error) {
    if (["ENOENT", "not-a-file"].includes(systemCode(error))) return null;
    throw error;
  }
};

/** Where the artifact of a launch is, if it has one. */
export const artifactFile = (dataDir: string, id: string): string => launchFiles(dataDir).artifact(id);
