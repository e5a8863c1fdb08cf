import { randomUUID } from "node:crypto";
import { open, readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import { sql, type Kysely } from "kysely";
import { makeFolder } from "@gatehouse/fs-kit";
import { attempt } from "@gatehouse/sqlite";
import type { CentralTables } from "./tables.ts";

/** Number of newest copies that are kept. */
const kept = 5;

/** The folder of the copies of a data folder's central database. */
export const backupsFolder = (dataDir: string): string => join(dataDir, "backups");

const copyName = /^gatehouse-v(\d+)-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z\.db$/;

/** The name of a copy. `at` is ISO 8601 in UTC. */
export const copyNameOf = (version: number, at: string): string => `gatehouse-v${version}-${compact(at)}.db`;

/** The schema version and the time (ISO 8601, UTC) in a copy's name. */
export const copiedAt = (name: string): { readonly version: number; readonly at: string } => {
  const [, version = "0", ...[year, month, day, hour, minute, second]] = copyName.exec(name) ?? [];
  return { version: Number(version), at: `${year}-${month}-${day}T${hour}:${minute}:${second}Z` };
};

/**
 * Copies the central database in its present state to `backups/gatehouse-v<version>-<time>.db` (0600) and
 * returns the copy's path. Keeps the five newest copies. `at` is ISO 8601 in UTC. Throws the system's error.
 */
export const backUp = async (
  db: Kysely<CentralTables>,
  { dataDir, version, at }: { readonly dataDir: string; readonly version: number; readonly at: string },
): Promise<string> => {
  const folder = backupsFolder(dataDir);
  await makeFolder(folder, 0o700);
  const copy = join(folder, copyNameOf(version, at));
  const unfinished = `${copy}.${randomUUID()}.unfinished`;
  try {
    await copyInto(db, unfinished);
    await rename(unfinished, copy);
  } finally {
    // An unfinished copy would waste room on a disk that may be full.
    await rm(unfinished, { force: true });
  }
  await sync(folder);
  await dropOldest(folder);
  await dropUnfinished(folder, Date.parse(at));
  return copy;
};

/** Copies a database in its present state to a new file, which only its owner can read. Throws the system's error. */
export const copyInto = async (db: Kysely<CentralTables>, file: string): Promise<void> => {
  // SQLite writes into an existing empty file. A file that SQLite creates would be readable by others.
  await (await open(file, "wx", 0o600)).close();
  await sql`vacuum into ${file}`.execute(db);
  await sync(file);
};

/** `2026-11-20T08:00:00.000Z` as `20261120T080000Z`. */
const compact = (at: string): string => at.replace(/[-:]|\.\d+/g, "");

/** Waits until the disk has a file, or the names in a folder. */
export const sync = async (path: string): Promise<void> => {
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

/** The names of the copies, the oldest first. */
export const copiesIn = async (folder: string): Promise<readonly string[]> => {
  const copies = (await readdir(folder)).filter((name) => copyName.test(name));
  return copies.toSorted((one, other) => timeOf(one).localeCompare(timeOf(other)));
};

/** The `20261120T080000Z.db` in a copy's name. */
const timeOf = (name: string): string => name.replace(/^gatehouse-v\d+-/, "");

/** The copy that `gatehouse upgrade --undo` puts in the place of a database, while it is incomplete. */
export const unfinishedOf = (file: string): string => `${file}.unfinished`;

/** An unfinished copy older than this is abandoned, ms. */
const abandonedAfterMs = 3_600_000;

/** Also with the files that SQLite keeps beside one which it writes, or on which migrations were tried. */
const unfinishedName = /\.unfinished(?:-wal|-shm|-journal)?$/;

/** Removes unfinished copies of programs that were killed. `now` is in ms. */
export const dropUnfinished = async (folder: string, now: number): Promise<void> => {
  for (const name of (await readdir(folder)).filter((one) => unfinishedName.test(one))) {
    const path = join(folder, name);
    // The process that made the copy may have finished and renamed it.
    const found = await attempt(() => stat(path));
    if (found.ok && now - found.value.mtimeMs > abandonedAfterMs) await rm(path, { force: true });
  }
};
