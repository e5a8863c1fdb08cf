import { existsSync } from "node:fs";
import { join } from "node:path";
import type { HostForPs } from "@gatehouse/agents/ps";

/** An agent that was not heard for this time may have ended with its host, ms. */
const heardWithinMs = 120_000;

/** What `gatehouse ps` asks about a host. Each part loads its code only when `ps` calls it. */
export const hostForPs: HostForPs = {
  listApprovals: async (place) => (await import("@gatehouse/dispatch")).readWaiting(place),
  whyForeign: async (dataDir) => (await import("../foreign-host.ts")).foreignHost(dataDir),
  groupAgents: async (dataDir) => {
    if (!existsSync(join(dataDir, "agents.json"))) return 0;
    const state = await (await import("@gatehouse/wire/state")).readWireState(dataDir);
    const since = Date.now() - heardWithinMs;
    return (state?.agents ?? []).filter(({ lastHeardAt }) => Date.parse(lastHeardAt) > since).length;
  },
};
