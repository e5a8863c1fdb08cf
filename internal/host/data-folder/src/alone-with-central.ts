import { rm, rmdir } from "node:fs/promises";
import { join } from "node:path";
import type { Failure } from "@gatehouse/cli-kit";
import { actForOwner } from "./act-for-owner.ts";
import { claimDataFolder } from "./claim-data-folder.ts";
import { explainStart, explainTrouble } from "./start-messages.ts";
import {
  centralFile,
  explainOpen,
  isThere,
  openCentralAt,
  type Central,
  type CentralPlace,
} from "@gatehouse/central-database";
import { attempt } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";

/**
 * Claims a data folder, opens its central database, runs `work`, and releases both. Fails if a host runs. Root
 * acts as the folder's owner. After a failure, folders and a database file that were missing before are missing again,
 * and a database of a server that was empty is empty again; so `work` must fail only if it has kept nothing. `now` returns ISO 8601 in UTC.
 */
export const aloneWithCentral = async <T, E extends Failure = Failure>(
  place: CentralPlace,
  now: () => string,
  work: (central: Central) => Promise<Result<T, E>>,
): Promise<Result<T, Failure | E>> => {
  const { dataDir } = place;
  const acting = await actForOwner(dataDir);
  if (!acting.ok) return acting;
  const hadFolder = isThere(dataDir);
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return { ok: false, error: explainStart(claimed.error) };
  const hadDatabase = isThere(centralFile(dataDir));
  const groups = join(dataDir, "groups");
  const hadGroups = isThere(groups);
  let isKept = true;
  try {
    const worked = await withCentral(place, now, work);
    isKept = worked.ok;
    if (!isKept && !hadDatabase) await removeDatabase(dataDir);
    if (!isKept && !hadGroups) await removeEmpty(groups);
    return worked;
  } finally {
    await claimed.value.release();
    if (!isKept && !hadFolder) await removeEmpty(dataDir);
  }
};

const withCentral = async <T, E extends Failure>(
  place: CentralPlace,
  now: () => string,
  work: (central: Central) => Promise<Result<T, E>>,
): Promise<Result<T, Failure | E>> => {
  const central = await openCentralAt(place, now);
  if (!central.ok) return { ok: false, error: explainOpen(central.error) };
  try {
    const worked = await attempt(() => work(central.value));
    const done = worked.ok
      ? worked.value
      : { ok: false as const, error: explainTrouble(place, worked.error) };
    if (!done.ok) await attempt(async () => central.value.removeSchema?.());
    return done;
  } finally {
    // Committed data is safe even if a full disk keeps the log from being merged into the file.
    await attempt(central.value.close);
  }
};

/** Removes a new database. */
const removeDatabase = async (dataDir: string): Promise<void> => {
  for (const end of ["", "-wal", "-shm"])
    await attempt(() => rm(`${centralFile(dataDir)}${end}`, { force: true }));
};

/** Leaves a folder with anything in it. */
const removeEmpty = (folder: string): Promise<unknown> => attempt(() => rmdir(folder));
