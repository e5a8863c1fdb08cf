import { existsSync } from "node:fs";
import { setTimeout as after } from "node:timers/promises";
import type { Contender, Measurement } from "../measurement.ts";
import { builtPrograms } from "../programs.ts";
import { startBareHolder, type BareHolder } from "./bare-holders.ts";
import { startHeldTeam, type HeldTeam } from "./held-team.ts";
import { meanMemory } from "./process-memory.ts";

const floor = "Node with a PTY and a terminal model";
const ours = "a holder";
const agents = 20;
/** Only a few, since each has an agent too, and real agents need much memory themselves. */
const bareHolders = 4;
/** Time until the last agent has drawn its start, and the holders are idle, ms. */
const restMs = 10_000;

/** Measures holders without their agents, which need the same memory with any holder. */
export const heldAgentsMemory: Measurement = {
  name: "held-agents-memory",
  title: `Memory of the process that holds an agent (PSS), the mean of ${agents}`,
  unit: "KB",
  floor,
  bounds: { [ours]: { atMost: 1.3 } },
  rounds: { full: 5, quick: 2 },
  prepare: async ({ cli }) => {
    const built = builtPrograms();
    if (!built.ok) return built;
    if (!existsSync("/proc/self/smaps_rollup")) return { ok: false, error: "only Linux tells the PSS" };
    const team = await startHeldTeam({ gatehouse: built.value.gatehouse, count: agents, cli });
    const bare: BareHolder[] = [];
    const dispose = async (): Promise<void> => {
      for (const { stop } of bare) await stop();
      await team.dispose();
    };
    try {
      for (const folder of team.claudeHome.folders.slice(0, bareHolders))
        bare.push(await startBareHolder(team.program, folder));
      await after(restMs);
      return { ok: true, value: { ...comparison(team, bare), dispose } };
    } catch (error) {
      await dispose();
      throw error;
    }
  },
};

const comparison = (team: HeldTeam, bare: readonly BareHolder[]) => {
  const pids = {
    [floor]: bare.map(({ pid }) => pid),
    [ours]: team.agents.map(({ holder }) => holder),
  };
  const contenders = Object.entries(pids).map(([name, of]): Contender => ({
    name,
    run: async () => ({ ok: true, value: meanMemory(of).pss }),
  }));
  const [bareRss, ownRss] = [meanMemory(pids[floor] ?? []).rss, meanMemory(pids[ours] ?? []).rss];
  return {
    contenders,
    notes: () => [
      `Each agent is ${team.kind}. Resident memory (RSS), what is shared counted in full: ${Math.round(bareRss)} KB and ${Math.round(ownRss)} KB, ${(ownRss / bareRss).toFixed(2)} times as much.`,
    ],
  };
};
