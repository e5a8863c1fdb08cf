import type { Failure } from "@gatehouse/cli-kit";
import { actForOwner } from "./act-for-owner.ts";
import { claimDataFolder } from "./claim-data-folder.ts";
import { explainStart, explainTrouble } from "./start-messages.ts";
import { explainOpen, openCentralAt, type Central, type CentralPlace } from "@gatehouse/central-database";
import { attempt } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";

/** Claims a data folder, runs `work`, and releases the folder. Fails if a host runs. Root acts as the folder's owner. */
export const aloneInFolder = async <T, E extends Failure>(
  dataDir: string,
  work: () => Promise<Result<T, E>>,
): Promise<Result<T, Failure | E>> => {
  const acting = await actForOwner(dataDir);
  if (!acting.ok) return acting;
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return { ok: false, error: explainStart(claimed.error) };
  try {
    return await work();
  } finally {
    await claimed.value.release();
  }
};

/** The same with the folder's central database. `now` returns ISO 8601 in UTC. */
export const aloneWithCentral = <T, E extends Failure = Failure>(
  place: CentralPlace,
  now: () => string,
  work: (central: Central) => Promise<Result<T, E>>,
): Promise<Result<T, Failure | E>> =>
  aloneInFolder<T, Failure | E>(place.dataDir, async () => {
    const central = await openCentralAt(place, now);
    if (!central.ok) return { ok: false, error: explainOpen(central.error) };
    try {
      const worked = await attempt(() => work(central.value));
      return worked.ok ? worked.value : { ok: false, error: explainTrouble(place, worked.error) };
    } finally {
      // Committed data is safe even if a full disk keeps the log from being merged into the file.
      await attempt(central.value.close);
    }
  });
