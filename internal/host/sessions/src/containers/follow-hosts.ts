import { endLeasesOf, otherHosts } from "@gatehouse/session-rows";
import { sql } from "kysely";
import type { LoopContext } from "../context.ts";

/**
 * Returns a function that ends the leases of hosts whose processes have ended: the server ends their sessions with them. A
 * host that only lost its session, as by a restart of the server, has time to open another one. While the server is away, no
 * time counts.
 */
export const followHosts = ({ central, owner, times, log }: LoopContext): (() => Promise<void>) => {
  /** By host that had a session of the server: since when it has none, by `performance.now()`; null while it has one. */
  const awaySince = new Map<string, number | null>();
  return async () => {
    try {
      // The session by which other hosts see this one.
      await sql`select 1`.execute(central.db);
      for (const { name, isAway } of await otherHosts(central.loop, owner)) {
        const before = awaySince.get(name);
        if (!isAway) awaySince.set(name, null);
        else if (before === null) awaySince.set(name, performance.now());
        else if (before !== undefined && performance.now() - before >= times.awayMs) {
          log("host-gone", { host: name });
          await endLeasesOf(central.loop, name);
          awaySince.delete(name);
        }
      }
    } catch (error) {
      awaySince.clear();
      throw error;
    }
  };
};
