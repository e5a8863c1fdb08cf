import { listFilters, sessionsGround, type ListTimes, type SessionsGround } from "@gatehouse/host/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Figure, Measurement } from "../measurement.ts";
import { median } from "../statistics.ts";

const floor = "the bare query";
const ours = "sessions list";
const sessions = 100_000;
/** One answer takes a millisecond or less, so a run is the median of several. */
const times = 15;

const timed =
  ({ measure }: SessionsGround, column: string, part: (times: ListTimes) => number) =>
  async (): Promise<Figure> => {
    const figures: number[] = [];
    for (let index = 0; index < times; index += 1) figures.push(part(await measure(column)));
    return { ok: true, value: median(figures) };
  };

const listing = (name: string, title: string, column: string): Measurement => ({
  name,
  title,
  unit: "ms",
  floor,
  bounds: { [ours]: { atMost: 2 } },
  rounds: { full: 25, quick: 5 },
  prepare: async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-sessions-"));
    const ground = await sessionsGround(folder, sessions, () => performance.now());
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: timed(ground, column, ({ bareMs }) => bareMs) },
          { name: ours, run: timed(ground, column, ({ listMs }) => listMs) },
        ],
        dispose: async () => {
          await ground.close();
          await rm(folder, { recursive: true });
        },
      },
    };
  },
});

export const listIndexed: Measurement = listing(
  "list-indexed",
  "200 of 100,000 sessions by a filter that an index answers, decided and logged",
  listFilters.indexed,
);

export const listScanned: Measurement = listing(
  "list-scanned",
  "200 of 100,000 sessions by a filter that no index answers, decided and logged",
  listFilters.scanned,
);
