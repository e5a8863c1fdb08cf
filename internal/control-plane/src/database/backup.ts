import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { sql, type Kysely } from "kysely";
import { makeFolder } from "@gatehouse/fs-kit";
import { attempt } from "@gatehouse/sqlite";
import type { CentralTables } from "./tables.ts";

/** How many copies are kept, the newest. */
const kept = 5;

/** Where the copies of a data folder's central database are. */
export const backupsFolder = (dataDir: string): string => join(dataDir, "backups");

const copyName = /^gatehouse-v\d+-\d{8}T\d{6}Z\.db$/;

/**
 * Copies the central database, as it stands at this moment, to `backups/gatehouse-v<version>-<time>.db` (0600) and gives
 * the copy's path; the oldest copies beyond five go. `at` is ISO 8601 in UTC. Throws what the system says.
 */
export const backUp = async (
  db: Kysely<CentralTables>,
  { dataDir, version, at }: { readonly dataDir: string; readonly version: number; readonly at: string },
): Promise<string> => {
  const folder = backupsFolder(dataDir);
  await makeFolder(folder, 0o700);
  const copy = join(folder, `gatehouse-v${version}-${compact(at)}.db`);
  const unfinished = `${copy}.${randomUUID()}.unfinished`;
  try {
    // SQLite writes into an empty file that is there, and one that it makes itself would be readable by others.
    await (await open(unfinished, "wx", 0o600)).close();
    await sql`vacuum into ${unfinished}`.execute(db);
    await sync(unfinished);
    await rename(unfinished, copy);
  } finally {
    // Half a copy would fill the disk that it did not fit on.
    await rm(unfinished, { force: true });
  }
  await sync(folder);
  await dropOldest(folder);
  await dropUnfinished(folder, Date.parse(at));
  return copy;
};

/** `2026-11-20T08:00:00.000Z` as `20261120T080000Z`. */
const compact = (at: string): string => at.replace(/[-:]|\.\d+/g, "");

const sync = async (path: string): Promise<void> => {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
};

const dropOldest = async (folder: string): Promise<void> => {
  for (const name of (await copiesIn(folder)).slice(0, -kept)) await rm(join(folder, name), { force: true });
};

/** The oldest first. */
const copiesIn = async (folder: string): Promise<readonly string[]> => {
  const copies = (await readdir(folder)).filter((name) => copyName.test(name));
  return copies.toSorted((one, other) => timeOf(one).localeCompare(timeOf(other)));
};

/** The newest copy of a data folder's central database, as a path; null where there is none, or none can be seen. */
export const newestBackup = async (dataDir: string): Promise<string | null> => {
  const folder = backupsFolder(dataDir);
  const copies = await attempt(() => copiesIn(folder));
  const newest = copies.ok ? copies.value.at(-1) : undefined;
  return newest === undefined ? null : join(folder, newest);
};

/** `20261120T080000Z` of a copy's path. */
export const timeOfBackup = (path: string): string => timeOf(basename(path)).replace(/\.db$/, "");

const timeOf = (name: string): string => name.replace(/^gatehouse-v\d+-/, "");

/** How old an unfinished copy is that nobody works on any more, ms. */
const abandonedAfterMs = 3_600_000;

/** Removes what a program left that was killed in the middle of a copy. */
const dropUnfinished = async (folder: string, now: number): Promise<void> => {
  for (const name of (await readdir(folder)).filter((one) => one.endsWith(".unfinished"))) {
    const path = join(folder, name);
    // One that is gone by now was finished meanwhile.
    const found = await attempt(() => stat(path));
    if (found.ok && now - found.value.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
};
