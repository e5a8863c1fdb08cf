import { randomUUID } from "node:crypto";
import { readdir } from "node:fs/promises";
import { systemCode } from "@gatehouse/std";

/**
 * Time in ms since 1970, number of the entry in its process, and a UUID: sorted names are entries in order.
 */
const entryName = /^(?<at>\d{15})-\d{6}-[\w-]+\.json$/;

/** A name for the next entry of a spool. `count` is the entry's number in this process. */
export const newEntryName = (count: number): string => {
  const place = [String(Date.now()).padStart(15, "0"), String(count).padStart(6, "0")];
  return `${[...place, randomUUID()].join("-")}.json`;
};

/** An entry of a spool: the name of its file, and when it was kept, ms since 1970. */
export type SpoolEntry = { readonly name: string; readonly at: number };

/**
 * The entries of the spool in this folder, oldest first; empty if the folder does not exist or cannot be
 * read.
 */
export const spoolEntries = async (folder: string): Promise<readonly SpoolEntry[]> => {
  try {
    return entriesNamed(await readdir(folder));
  } catch (error) {
    systemCode(error);
    return [];
  }
};

/** The entries of a spool among the names in its folder, oldest first. */
export const entriesNamed = (names: readonly string[]): readonly SpoolEntry[] =>
  names.toSorted().flatMap((name) => {
    const at = entryName.exec(name)?.groups?.["at"];
    return at === undefined ? [] : [{ name, at: Number(at) }];
  });
