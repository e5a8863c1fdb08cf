import { measureStore, type StoreTimes } from "@nc/container-config/testing";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Bound, Figure, Measurement } from "../measurement.ts";

const floor = "the bare driver";
const ours = "the store";
/** What is left of a call without the driver's part. */
const own = "of our own";

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
  rounds: { full: 50, quick: 10 },
  prepare: async () => {
    const folder = await mkdtemp(join(tmpdir(), "bench-store-"));
    /** Both sides of a round come from one measurement: what the first of them has measured, the second one takes. */
    let measured: StoreTimes | null = null;
    const timed = (side: "bare" | "ours") => async (): Promise<Figure> => {
      const times = measured ?? (await measureStore(folder, () => performance.now()));
      measured = measured === null ? times : null;
      return { ok: true, value: times[call][side] };
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

const difference = (whole: number | undefined, part: number | undefined): number | undefined =>
  whole === undefined || part === undefined ? undefined : whole - part;

/** What every call of an agent asks first, and two that stand for the store's other calls: one reads, one writes. */
export const storeCalls: readonly Measurement[] = [
  {
    name: "scope-lookup",
    title: "The scope of a group, of 1,000: the mean of 1,000 look-ups",
    call: "scope" as const,
    bounds: { [ours]: { atMost: 2 } },
  },
  {
    name: "store-get",
    title: "The configuration of a group, of 1,000: the mean of 1,000 calls",
    call: "get" as const,
    bounds: { [own]: { figureAtMost: 50 } },
  },
  {
    name: "store-update",
    title: "A change of a configuration, with its history, in a transaction: the mean of 1,000 calls",
    call: "update" as const,
    bounds: { [own]: { figureAtMost: 50 } },
  },
].map(storeCall);
