import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Talk } from "./doors.fixture.ts";
import { centralIn, type Central } from "./rows.fixture.ts";
import type { World } from "./world.fixture.ts";

/** What a world has left: the rows of its database, what its people saw, and its hosts' logs. */
export type Facts = Central & {
  readonly hostCount: number;
  readonly talks: readonly Talk[];
  readonly doubles: readonly string[];
  readonly events: readonly LoggedEvent[];
};

export const factsOf = async (world: World): Promise<Facts> => ({
  ...(await centralIn(world)),
  hostCount: world.hostCount,
  talks: world.talks,
  doubles: world.doubles,
  events: world.place.folders.flatMap(eventsIn),
});

/** A line of the hosts' log. */
type LoggedEvent = {
  readonly level: string;
  readonly event?: string;
  readonly session?: string;
  readonly incarnation?: number;
  readonly err?: { readonly code?: string; readonly stack: string };
};

/**
 * The log lines of all hosts of a data folder, oldest first. Left out are lines that a kill cut off, and those that
 * begin with a hole: after a power cut a log, which is not synced, may have zeros for what was not written.
 */
const eventsIn = (dataDir: string): readonly LoggedEvent[] =>
  (existsSync(dataDir) ? readdirSync(dataDir) : [])
    .filter((name) => /^host\.log(\.\d+)?$/.test(name))
    .toSorted((a, b) => numberOf(b) - numberOf(a))
    .flatMap((name) => readFileSync(join(dataDir, name), "utf8").split("\n"))
    .filter((line) => line.startsWith("{") && line.endsWith("}"))
    .map((line) => JSON.parse(line) as LoggedEvent);

const numberOf = (name: string): number => Number(/\d+$/.exec(name)?.[0] ?? 0);
