import { listFilters, sessionsFixture, type ListTimes, type SessionsFixture } from "@gatehouse/host/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newServerDatabase, noServer } from "../host/server-database.ts";
import type { Figure, Measurement } from "../measurement.ts";
import { median } from "../statistics.ts";

const floor = "the bare query";
const ours = "sessions list";
const sessions = 100_000;
/** Number of answers in a run, which is their median: one takes a millisecond or less. */
const times = 15;

const timed =
  ({ measure }: SessionsFixture, column: string, part: (times: ListTimes) => number) =>
  async (): Promise<Figure> => {
    const figures: number[] = [];
    for (let index = 0; index < times; index += 1) figures.push(part(await measure(column)));
    return { ok: true, value: median(figures) };
  };

type Listing = {
  readonly name: string;
  readonly title: string;
  readonly column: string;
  /** On a PostgreSQL server, else in a file. */
  readonly onServer?: boolean;
};

const listing = ({ name, title, column, onServer = false }: Listing): Measurement => ({
  name,
  title,
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 2 } },
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const server = onServer ? await newServerDatabase() : null;
    if (onServer && server === null) return noServer;
    const folder = await mkdtemp(join(tmpdir(), "bench-sessions-"));
    const place = { dataDir: folder, database: server?.address ?? null };
    const fixture = await sessionsFixture(place, sessions, () => performance.now());
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: timed(fixture, column, ({ bareMs }) => bareMs) },
          { name: ours, run: timed(fixture, column, ({ listMs }) => listMs) },
        ],
        dispose: async () => {
          await fixture.close();
          await server?.drop();
          await rm(folder, { recursive: true });
        },
      },
    };
  },
});

const filters = [
  { name: "list-indexed", what: "that an index answers", column: listFilters.indexed },
  { name: "list-scanned", what: "that no index answers", column: listFilters.scanned },
] as const;

const titleOf = (what: string): string => `200 of 100,000 sessions by a filter ${what}, decided and logged`;

export const lists: readonly Measurement[] = filters.map(({ name, what, column }) =>
  listing({ name, title: titleOf(what), column }),
);

export const listsOnServer: readonly Measurement[] = filters.map(({ name, what, column }) =>
  listing({ name: `${name}-postgresql`, title: `${titleOf(what)}, on PostgreSQL`, column, onServer: true }),
);
