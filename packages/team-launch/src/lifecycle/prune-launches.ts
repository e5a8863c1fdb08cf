import { lastOf, spawnedIn, type JournalEntry, type KeptLaunch } from "./journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";

/** The number of launches that are kept per team. */
export const keptLaunches = 50;

type Needed = {
  /** The launch of the team's snapshot. */
  readonly last: string | null;
  /** The members whose agents are running. */
  readonly running: readonly string[];
};

/**
 * The launches of a team that can be removed. Kept are the newest 50, and of the older ones: a launch without an end,
 * the team's last launch, and the launch that started an agent which is still running. `launches`: oldest first.
 */
export const outdated = (launches: readonly KeptLaunch[], { last, running }: Needed): readonly string[] => {
  const starters = running.map(
    (member) => launches.findLast(({ entries }) => spawnedIn(entries).includes(member))?.id,
  );
  const needed = new Set([last, ...starters]);
  return launches
    .slice(0, -keptLaunches)
    .filter(({ id, entries }) => !needed.has(id) && !isOpen(entries))
    .map(({ id }) => id);
};

/** A journal without a complete entry counts as ended. */
const isOpen = (entries: readonly JournalEntry[]): boolean =>
  entries.length > 0 && lastOf(entries, "ended") === undefined;

/** Removes the journals and artifacts of launches that are no longer needed. Call it under the team's lock. */
export const pruneLaunches = async (
  team: string,
  { store, agents }: Pick<LaunchPorts, "store" | "agents">,
): Promise<void> => {
  const launches = await store.launches(team);
  if (launches.length === 0) return;
  const known = await agents.list(team);
  if (known === null) return;
  const running = known.filter(({ state }) => state !== "ended").map(({ member }) => member);
  const last = (await store.snapshot(team))?.launch ?? null;
  const ids = outdated(launches, { last, running });
  if (ids.length > 0) await store.forget(team, ids);
};
