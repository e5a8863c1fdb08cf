import type { Failure } from "@trust/preflight/node";
import { claimDataFolder } from "./daemon/claim-data-folder.ts";
import { explainStart } from "./daemon/explain-start.ts";
import { explainOpen } from "./database/explain-open.ts";
import { openCentral, type Central } from "./database/open-central.ts";
import type { Result } from "./result.ts";

/** Works on the central database of a data folder while no host does. `now` gives ISO 8601 in UTC. */
export const aloneWithCentral = async <T, E extends Failure = Failure>(
  dataDir: string,
  now: () => string,
  work: (central: Central) => Promise<Result<T, E>>,
): Promise<Result<T, Failure | E>> => {
  const claimed = await claimDataFolder(dataDir);
  if (!claimed.ok) return { ok: false, error: explainStart(claimed.error) };
  try {
    const central = await openCentral(dataDir, now);
    if (!central.ok) return { ok: false, error: explainOpen(central.error) };
    try {
      return await work(central.value);
    } finally {
      await central.value.close();
    }
  } finally {
    await claimed.value.release();
  }
};
