import type { Failure } from "@gatehouse/cli-kit";
import { actForOwner } from "./act-for-owner.ts";
import { claimDataFolder } from "./claim-data-folder.ts";
import { explainStart, explainTrouble } from "./start-messages.ts";
import { explainOpen, openCentralAt, type Central, type CentralPlace } from "@gatehouse/central-database";
import { attempt } from "@gatehouse/sqlite";
import type { Result } from "@gatehouse/std";

/**
 * Claims a data folder, opens its central database, runs `work`, and releases both. Fails if a host runs. Root
 * acts as the folder's owner. `now` returns ISO 8601 in UTC.
 */
export const aloneWithCentral = async <T, E extends Failure = Failure>(
  place: CentralPlace,
  now: () => string,
  work: (central: Central) => Promise<Result<T, E>>,
): Promise<Result<T, Failure | E>> => {
  const acting = await actForOwner(place.dataDir);
  if (!acting.ok) return acting;
  const claimed = await claimDataFolder(place.dataDir);
  if (!claimed.ok) return { ok: false, error: explainStart(claimed.error) };
  try {
    const central = await openCentralAt(place, now);
    if (!central.ok) return { ok: false, error: explainOpen(central.error) };
    try {
      const worked = await attempt(() => work(central.value));
      return worked.ok ? worked.value : { ok: false, error: explainTrouble(place, worked.error) };
    } finally {
      // Committed data is safe even if a full disk keeps the log from being merged into the file.
      await attempt(central.value.close);
    }
  } finally {
    await claimed.value.release();
  }
};
