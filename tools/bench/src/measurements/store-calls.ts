import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bound, Figure, Measurement } from "../measurement.ts";
import { median } from "../statistics.ts";
import { measureStore, type StoreTimes } from "../inputs/measure-store.ts";

const floor = "the bare driver";
const ours = "the store";
/** The time of a call without the driver's part. */
const own = "of our own";
/**
 * Number of calls in one measurement, and number of measurements in a run, which is their median: one takes
 * some ms, and other programs may disturb it.
 */
const calls = 50;
const times = 15;

type Call = {
  readonly name: string;
  readonly title: string;
  readonly call: keyof StoreTimes;
  readonly bounds: { readonly [contender: string]: Bound };
};

const storeCall = ({ name, title, call, bounds }: Call): Measurement => ({
  name,
  title,
  unit: "µs",
  floor,
  bounds,
  rounds: { full: 30, quick: 5 },
  prepare: async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-store-"));
    /**
     * Both sides of a round come from one measurement: the first one measures, the second one takes its
     * result.
     */
    let measured: readonly StoreTimes[] | null = null;
    const timed = (side: "bare" | "ours") => async (): Promise<Figure> => {
      const runs = measured ?? (await someOf(() => measureStore(folder, () => performance.now(), calls)));
      measured = measured === null ? runs : null;
      return { ok: true, value: median(runs.map((times) => times[call][side])) };
    };
    return {
      ok: true,
      value: {
        contenders: [
          { name: floor, run: timed("bare") },
          { name: ours, run: timed("ours") },
        ],
        derived: [{ name: own, from: (figures) => difference(figures.get(ours), figures.get(floor)) }],
        dispose: () => rm(folder, { recursive: true }),
      },
    };
  },
});

const someOf = async (measure: () => Promise<StoreTimes>): Promise<readonly StoreTimes[]> => {
  const runs: StoreTimes[] = [];
  for (let index = 0; index < times; index += 1) runs.push(await measure());
  return runs;
};

const difference = (whole: number | undefined, part: number | undefined): number | undefined =>
  whole === undefined || part === undefined ? undefined : whole - part;

/**
 * The first query of every agent's call, and two examples of the store's other calls: one reads, one writes.
 */
export const storeCalls: readonly Measurement[] = [
  {
    name: "scope-lookup",
    title: "The scope of a group, of 1,000: one look-up",
    call: "scope" as const,
    bounds: { [ours]: { atMost: 2 } },
  },
  {
    name: "store-get",
    title: "The configuration of a group, of 1,000: one call",
    call: "get" as const,
    bounds: { [own]: { figureAtMost: 50 } },
  },
  {
    name: "store-update",
    title: "A change of a configuration, with its history, in a transaction: one call",
    call: "update" as const,
    bounds: { [own]: { figureAtMost: 50 } },
  },
].map(storeCall);
