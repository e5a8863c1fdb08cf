import { readdir } from "node:fs/promises";
import { readPlainFile } from "@gatehouse/fs-kit";
import { parseJson, systemCode } from "@gatehouse/std";
import { lastOf, type JournalEntry, type KeptLaunch } from "../../lifecycle/journal.ts";
import { launchFiles, namesIn } from "./launch-files.ts";

/** The ids of all launches of a data folder, oldest first. */
const launchIds = async (dataDir: string): Promise<readonly string[]> =>
  [...(await namesBelow(launchFiles(dataDir).journals, ".jsonl"))].sort();

/** The decoded names of a folder's files with this ending; none if the folder is missing. Throws other system errors. */
export const namesBelow = async (folder: string, ending: string): Promise<readonly string[]> => {
  try {
    return namesIn(await readdir(folder), ending);
  } catch (error) {
    if (systemCode(error) === "ENOENT") return [];
    throw error;
  }
};

/** The journal of a launch; null if it is missing, or its first entry is incomplete. */
export const readJournal = async (dataDir: string, id: string): Promise<KeptLaunch | null> => {
  const text = await textOf(launchFiles(dataDir).journal(id));
  const entries = (text ?? "").split("\n").flatMap((line) => {
    const entry = parseJson(line);
    return isEntry(entry) ? [entry] : [];
  });
  return lastOf(entries, "run")?.run.id === id ? { id, entries } : null;
};

/** All launches, oldest first. */
export const readJournals = async (dataDir: string): Promise<readonly KeptLaunch[]> => {
  const all = await Promise.all((await launchIds(dataDir)).map((id) => readJournal(dataDir, id)));
  return all
    .filter((launch) => launch !== null)
    .sort((one, other) => beganAt(one).localeCompare(beganAt(other)));
};

/** The start time of a launch. Its id is precise only to seconds. */
const beganAt = ({ entries }: KeptLaunch): string => lastOf(entries, "run")?.at ?? "";

/** A line that a kill -9 cut short does not count as an entry. */
const isEntry = (value: unknown): value is JournalEntry => {
  const { type, at } = Object(value) as Record<string, unknown>;
  return typeof type === "string" && typeof at === "string";
};

/** Maximum size, bytes: a launch of 500 members writes some megabytes. */
const maxBytes = 2 ** 28;

/** The text of a file; null if it is missing or not a regular file, since a named pipe would block the reader. */
export const textOf = async (file: string): Promise<string | null> => {
  try {
    return await readPlainFile(file, maxBytes);
  } catch (error) {
    if (["ENOENT", "not-a-file"].includes(systemCode(error))) return null;
    throw error;
  }
};

/** The path of a launch's artifact, which may not exist. */
export const artifactFile = (dataDir: string, id: string): string => launchFiles(dataDir).artifact(id);
