import { lastOf, spawnedIn, type JournalEntry, type KeptLaunch } from "./journal.ts";
import type { LaunchPorts } from "./launch-ports.ts";

/** How many launches of a team are kept. */
export const keptLaunches = 50;

type Needed = {
  /** The launch that the team's snapshot is of. */
  readonly last: string | null;
  /** The members whose agents run. */
  readonly running: readonly string[];
};

/**
 * The launches of a team that nobody needs any more. The newest 50 stay; and of those before them one without
 * an end, the last one, and the one that started an agent which still runs. `launches` is the oldest first.
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

/** A journal that was never whole tells of nothing. */
const isOpen = (entries: readonly JournalEntry[]): boolean =>
  entries.length > 0 && lastOf(entries, "ended") === undefined;

/** Removes the journals and artifacts of the launches that nobody needs any more. Under the team's lock. */
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
